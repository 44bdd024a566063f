import { Segmented } from 'antd';
import { language, speak, type Language } from './words/index.ts';

/** Each language under its own name, for whoever cannot read the other. */
export function LanguageSwitch() {
  return (
    <Segmented<Language>
      value={language()}
      onChange={(chosen) => void speak(chosen)}
      options={[
        { value: 'zh', label: '中文' },
        { value: 'en', label: 'English' },
      ]}
    />
  );
}
