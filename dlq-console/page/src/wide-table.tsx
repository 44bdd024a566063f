/** A table that is wider than some windows: it scrolls sideways in its own place, by the keyboard as well. */
import { Table, type TableProps } from 'antd';
import type { ComponentProps } from 'react';

export function WideTable<Row extends object>(properties: Omit<TableProps<Row>, 'components'>) {
  return <Table<Row> scroll={{ x: 'max-content' }} components={components} {...properties} />;
}

/** What scrolls must be reached by the keyboard (WCAG 2.1.1), and not every table has a link or a button in it. */
const components = {
  table: (properties: ComponentProps<'table'>) => <table {...properties} tabIndex={0} />,
};
