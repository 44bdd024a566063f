/** Listens for the page's keys and lists them. */
import { Modal, Switch } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { areKeysOn, places, turnKeys, wishOf, type KeyWish } from './keys.ts';

const afterGMs = 1_500;
const writing = 'input, textarea, select, [contenteditable="true"], [role="combobox"], [role="listbox"]';
/** What a key can move to: the link that opens an entry of a list. */
const rows = 'main a[data-row]';

export function Keys() {
  const [isShown, setShown] = useState(false);
  const navigate = useNavigate();
  const gAt = useRef(-Infinity);
  useEffect(() => {
    const perform = (wish: KeyWish): void => {
      switch (wish.type) {
        case 'help':
          return setShown(true);
        case 'search':
          return search(() => void navigate('/cases'));
        case 'go':
          return void navigate(wish.path);
        case 'move':
          return move(wish.by);
        case 'wait':
          gAt.current = performance.now();
      }
    };
    const listen = (event: KeyboardEvent): void => {
      if (!areKeysOn() || event.repeat) return;
      const target = event.target instanceof Element ? event.target : document.body;
      const wish = wishOf({
        key: event.key,
        hasModifier: event.ctrlKey || event.metaKey || event.altKey,
        isComposing: event.isComposing,
        isWriting: target.closest(writing) !== null,
        isDialogOpen: document.querySelector('[role="dialog"]') !== null,
        isInList: target.matches(rows),
        isAfterG: performance.now() - gAt.current < afterGMs,
      });
      if (wish?.type !== 'wait') gAt.current = -Infinity;
      if (wish === undefined) return;
      event.preventDefault();
      perform(wish);
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [navigate]);
  return isShown ? <KeyList close={() => setShown(false)} /> : null;
}

function KeyList({ close }: { readonly close: () => void }) {
  const { t } = useTranslation();
  const [areOn, setOn] = useState(areKeysOn);
  const listed = [
    [['?'], t('keys.help')],
    [['/'], t('keys.search')],
    [['j', 'k'], t('keys.move')],
    [['Enter'], t('keys.open')],
    ...Object.entries(places).map(([key, path]) => [['g', key], t(`place.${path.slice(1)}`)] as const),
  ] as const;
  return (
    <Modal open title={t('keys.title')} footer={null} onCancel={close}>
      <dl className="keys">
        {listed.map(([keys, what]) => (
          <div key={keys.join(' ')} className="acts">
            <dt className="acts">
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p className="quiet">{t('keys.noMoney')}</p>
      <KeySwitch areOn={areOn} turn={setOn} />
    </Modal>
  );
}

interface SwitchProperties {
  readonly areOn: boolean;
  readonly turn: (areOn: boolean) => void;
}

export function KeySwitch({ areOn, turn }: SwitchProperties) {
  const { t } = useTranslation();
  return (
    <span className="acts">
      <Switch
        checked={areOn}
        aria-label={t('keys.on')}
        onChange={(chosen) => {
          turnKeys(chosen);
          turn(chosen);
        }}
      />
      {t('keys.on')}
    </span>
  );
}

/** Where this screen has none, that of the cases. */
function search(goThere: () => void): void {
  const find = (): HTMLElement | null => document.querySelector<HTMLElement>('main [data-search]');
  const field = find();
  if (field !== null) return field.focus();
  goThere();
  const watch = new MutationObserver(() => {
    const arrived = find();
    if (arrived === null) return;
    watch.disconnect();
    arrived.focus();
  });
  watch.observe(document.body, { childList: true, subtree: true });
}

function move(by: 1 | -1): void {
  const all = [...document.querySelectorAll<HTMLElement>(rows)];
  const from = all.findIndex((one) => one === document.activeElement);
  const to = from === -1 ? (by === 1 ? 0 : all.length - 1) : Math.min(Math.max(from + by, 0), all.length - 1);
  const row = all[to];
  row?.focus();
  row?.scrollIntoView({ block: 'nearest' });
}
