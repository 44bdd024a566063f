/** What is taken along as a file, page by page. */
import type { exportFormats } from '@points-hub/hub/operations';
import type { Answer } from './route.ts';

const mediaTypes = { csv: 'text/csv; charset=utf-8', jsonl: 'application/jsonl' } as const;

export function fileOf(
  name: string,
  format: (typeof exportFormats)[number],
  pages: AsyncIterable<string>,
): Answer {
  return {
    type: 'text',
    pages,
    headers: {
      'Content-Type': mediaTypes[format],
      'Content-Disposition': `attachment; filename="${name}.${format}"`,
    },
  };
}
