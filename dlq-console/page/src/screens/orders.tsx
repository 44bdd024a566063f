/** Looking an order up by the id that its mall gave it. */
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, useSearchParams } from 'react-router';
import { answered, api, type Schemas } from '../api.ts';
import { Outside } from '../outside.tsx';
import { Loaded, Screen } from '../screen.tsx';
import { WideTable } from '../wide-table.tsx';
import { timeInWords } from '../words/index.ts';

type Found = Schemas['Orders']['orders'][number];

interface Wish {
  readonly orderId: string;
  readonly mallId?: string;
}

export function Orders() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const orderId = search.get('orderId') ?? '';
  const mallId = search.get('mallId') ?? '';
  return (
    <Screen title={t('place.orders')}>
      <search aria-label={t('filters')}>
        <Form<Wish>
          // Filled anew when a link brought another id.
          key={`${orderId} ${mallId}`}
          layout="inline"
          initialValues={{ orderId, mallId }}
          onFinish={(wish) => setSearch(wishOf(wish))}
        >
          <Form.Item
            name="orderId"
            label={t('order.orderId')}
            rules={[{ required: true, whitespace: true, max: 64 }]}
          >
            <Input autoFocus />
          </Form.Item>
          <Form.Item name="mallId" label={t('order.mallId')}>
            <Input />
          </Form.Item>
          <Button type="primary" htmlType="submit">
            {t('order.look')}
          </Button>
        </Form>
      </search>
      {orderId === '' ? null : <FoundOrders orderId={orderId} mallId={mallId} />}
    </Screen>
  );
}

function FoundOrders({ orderId, mallId }: { readonly orderId: string; readonly mallId: string }) {
  const { t } = useTranslation();
  const query = wishOf({ orderId, mallId });
  const found = useQuery({
    queryKey: ['orders', query],
    queryFn: () => answered(api.GET('/ops/v1/orders', { params: { query } })),
  });
  return (
    <Loaded of={found}>
      {({ orders }) => {
        const [only, ...others] = orders;
        if (only === undefined)
          return <Alert role="status" className="pages" type="info" showIcon title={t('order.none')} />;
        if (others.length === 0) return <Navigate to={`/orders/${only.id}`} replace />;
        return (
          <section aria-label={t('place.orders')} className="pages">
            <p role="status">{t('order.several')}</p>
            <WideTable<Found>
              rowKey="id"
              dataSource={orders}
              pagination={false}
              columns={[
                {
                  title: t('column.mallId'),
                  render: (_, { id, mallId: mall }) => (
                    <Link to={`/orders/${id}`} data-row="">
                      {mall}
                    </Link>
                  ),
                },
                { title: t('column.orderId'), render: (_, order) => <Outside text={order.orderId} /> },
                { title: t('column.state'), render: (_, { status }) => t(`orderStatus.${status}`) },
                { title: t('order.placed'), render: (_, { placedAt }) => timeInWords(placedAt) },
                { title: t('order.ended'), render: (_, { endedAt }) => timeInWords(endedAt) },
              ]}
            />
          </section>
        );
      }}
    </Loaded>
  );
}

function wishOf({ orderId, mallId = '' }: Wish): { orderId: string; mallId?: string } {
  return { orderId: orderId.trim(), ...(mallId.trim() === '' ? {} : { mallId: mallId.trim() }) };
}
