/** What stands around every screen: where one can go, who one is, how the page looks. */
import { useMutation } from '@tanstack/react-query';
import { Button, Layout, Menu, Space, Spin, Switch, Typography } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, Route, Routes, useLocation } from 'react-router';
import { answered, api } from './api.ts';
import type { Permission } from './decisions.ts';
import { Keys } from './key-help.tsx';
import { LanguageSwitch } from './language-switch.tsx';
import { LiveContext, LiveSign, useLive } from './live.tsx';
import { useMe } from './session.tsx';

// Each screen comes when it is first opened.
const Overview = lazy(() => import('./screens/overview.tsx').then((m) => ({ default: m.Overview })));
const Groups = lazy(() => import('./screens/groups.tsx').then((m) => ({ default: m.Groups })));
const Cases = lazy(() => import('./screens/cases.tsx').then((m) => ({ default: m.Cases })));
const CaseScreen = lazy(() => import('./screens/case.tsx').then((m) => ({ default: m.CaseScreen })));
const Replays = lazy(() => import('./screens/replays.tsx').then((m) => ({ default: m.Replays })));
const ReplayScreen = lazy(() => import('./screens/replay.tsx').then((m) => ({ default: m.ReplayScreen })));
const Compensations = lazy(() =>
  import('./screens/compensations.tsx').then((m) => ({ default: m.Compensations })),
);
const CompensationScreen = lazy(() =>
  import('./screens/compensation.tsx').then((m) => ({ default: m.CompensationScreen })),
);
const Channels = lazy(() => import('./screens/channels.tsx').then((m) => ({ default: m.Channels })));
const Orders = lazy(() => import('./screens/orders.tsx').then((m) => ({ default: m.Orders })));
const OrderScreen = lazy(() => import('./screens/order.tsx').then((m) => ({ default: m.OrderScreen })));
const Audit = lazy(() => import('./screens/audit.tsx').then((m) => ({ default: m.Audit })));
const People = lazy(() => import('./screens/people.tsx').then((m) => ({ default: m.People })));
const Settings = lazy(() => import('./screens/settings.tsx').then((m) => ({ default: m.Settings })));

const places: readonly { readonly path: string; readonly name: string; readonly needs?: Permission }[] = [
  { path: '/overview', name: 'overview', needs: 'cases.read' },
  { path: '/groups', name: 'groups', needs: 'cases.read' },
  { path: '/cases', name: 'cases', needs: 'cases.read' },
  { path: '/replays', name: 'replays', needs: 'cases.read' },
  { path: '/compensations', name: 'compensations', needs: 'cases.read' },
  { path: '/orders', name: 'orders', needs: 'cases.read' },
  { path: '/channels', name: 'channels', needs: 'cases.read' },
  { path: '/audit', name: 'audit', needs: 'audit.read' },
  { path: '/people', name: 'people', needs: 'people.manage' },
  { path: '/settings', name: 'settings' },
];

interface Appearance {
  readonly isDark: boolean;
  readonly darken: (chosen: boolean) => void;
}

export function Frame(appearance: Appearance) {
  const { t } = useTranslation();
  const { permissions } = useMe();
  const { pathname } = useLocation();
  const [isLive, setLive] = useState(true);
  const liveState = useLive(isLive);
  const open = places.filter(({ needs }) => needs === undefined || permissions.includes(needs));
  return (
    <LiveContext value={liveState}>
      <Keys />
      <Layout className="page">
        <Layout.Sider theme="light" breakpoint="lg" collapsedWidth={0} width={190}>
          <Typography.Text strong className="brand">
            {t('brand')}
          </Typography.Text>
          <nav aria-label={t('navigation')}>
            <Menu
              selectedKeys={[`/${pathname.split('/')[1] ?? ''}`]}
              items={open.map(({ path, name }) => ({
                key: path,
                label: <Link to={path}>{t(`place.${name}`)}</Link>,
              }))}
            />
          </nav>
        </Layout.Sider>
        <Layout>
          <Bar {...appearance} isLive={isLive} setLive={setLive} />
          <main className="content">
            <Suspense fallback={<Spin description={t('loading')} />}>
              <Routes>
                <Route path="/overview" element={<Overview />} />
                <Route path="/groups" element={<Groups />} />
                <Route path="/cases" element={<Cases />} />
                <Route path="/cases/:caseId" element={<CaseScreen />} />
                <Route path="/replays" element={<Replays />} />
                <Route path="/replays/:replayId" element={<ReplayScreen />} />
                <Route path="/compensations" element={<Compensations />} />
                <Route path="/compensations/:compensationId" element={<CompensationScreen />} />
                <Route path="/orders" element={<Orders />} />
                <Route path="/orders/:orderRowId" element={<OrderScreen />} />
                <Route path="/channels" element={<Channels />} />
                <Route path="/audit" element={<Audit />} />
                <Route path="/people" element={<People />} />
                <Route path="/settings" element={<Settings {...appearance} />} />
                <Route path="*" element={<Navigate to="/overview" replace />} />
              </Routes>
            </Suspense>
          </main>
        </Layout>
      </Layout>
    </LiveContext>
  );
}

interface BarProperties extends Appearance {
  readonly isLive: boolean;
  readonly setLive: (chosen: boolean) => void;
}

function Bar({ isDark, darken, isLive, setLive }: BarProperties) {
  const { t } = useTranslation();
  const me = useMe();
  const signOut = useMutation({
    mutationFn: () => answered(api.POST('/ops/v1/session/end', { body: {} })),
    // Nothing of what was seen stays in this tab.
    onSettled: () => window.location.reload(),
  });
  return (
    <header className="bar">
      <Space wrap>
        <Switch
          checked={isLive}
          onChange={setLive}
          aria-label={t('live.label')}
          checkedChildren={t('live.on')}
          unCheckedChildren={t('live.off')}
        />
        <LiveSign />
        <LanguageSwitch />
        <Button onClick={() => darken(!isDark)}>{isDark ? t('light') : t('dark')}</Button>
        <span>{me.name}</span>
        <Button onClick={() => signOut.mutate()}>{t('signOut')}</Button>
      </Space>
    </header>
  );
}
