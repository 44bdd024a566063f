/** The kit in the person's language and colours, and either the way in or the frame. */
import { App as Kit, ConfigProvider, Spin, theme } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Route, Routes } from 'react-router';
import { Frame } from './frame.tsx';
import { nonce } from './nonce.ts';
import { SignedIn, useVisit } from './session.tsx';
import { SignIn, Welcome } from './sign-in.tsx';
import { TroubleNote } from './trouble-note.tsx';
import { language } from './words/index.ts';

const storageKey = 'points-hub-dark';
const fonts =
  'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Segoe UI", Roboto, sans-serif';

// The kit's own greys, blues and reds are paler than WCAG's 4.5:1.
const lightColors = {
  colorPrimary: '#0958d9',
  colorLink: '#0958d9',
  colorError: '#cf1322',
  colorTextDescription: '#595959',
  colorTextPlaceholder: '#6b6b6b',
};
const darkColors = {
  colorLink: '#91caff',
  colorError: '#ff7875',
  colorTextDescription: '#b8b8b8',
  colorTextPlaceholder: '#a6a6a6',
};

// White on the kit's own shade under the pointer is less than 4.5:1.
const lightButton = { colorPrimaryHover: '#003eb3' };
const darkButton = {
  colorPrimaryHover: '#1554ad',
  defaultHoverColor: '#91caff',
  defaultHoverBorderColor: '#91caff',
};

function firstDarkness(): boolean {
  const kept = localStorage.getItem(storageKey);
  return kept === null ? window.matchMedia('(prefers-color-scheme: dark)').matches : kept === 'true';
}

export function App() {
  useTranslation();
  const [isDark, setDark] = useState(firstDarkness);
  const darken = (chosen: boolean): void => {
    localStorage.setItem(storageKey, String(chosen));
    setDark(chosen);
  };
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
  const colors = isDark ? darkColors : lightColors;
  return (
    <ConfigProvider
      csp={{ nonce }}
      locale={language() === 'zh' ? zhCN : enUS}
      button={{ autoInsertSpace: false }}
      theme={{
        algorithm: isDark ? theme.darkAlgorithm : theme.defaultAlgorithm,
        token: { ...colors, fontFamily: fonts, motion: false },
        components: {
          Menu: { itemSelectedColor: colors.colorLink },
          Button: isDark ? darkButton : lightButton,
        },
      }}
    >
      <Kit className="page">
        <Routes>
          <Route path="/welcome/:token" element={<Welcome />} />
          <Route path="*" element={<Inside isDark={isDark} darken={darken} />} />
        </Routes>
      </Kit>
    </ConfigProvider>
  );
}

function Inside(appearance: { readonly isDark: boolean; readonly darken: (chosen: boolean) => void }) {
  const visit = useVisit();
  const { t } = useTranslation();
  switch (visit.type) {
    case 'asking':
      return (
        <main className="door">
          <Spin description={t('loading')} />
        </main>
      );
    case 'unreachable':
      return (
        <main className="door">
          <TroubleNote trouble={visit.trouble} onRetry={() => window.location.reload()} />
        </main>
      );
    case 'nobody':
      return <SignIn wasSignedIn={visit.wasSignedIn} />;
    case 'somebody':
      return (
        <SignedIn me={visit.me}>
          <Frame {...appearance} />
        </SignedIn>
      );
  }
}
