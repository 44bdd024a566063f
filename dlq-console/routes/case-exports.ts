/** The cases of a list, taken along as a file. */
import { exportFormats, type Caller, type CaseExports, type CaseFilter } from '@points-hub/hub/operations';
import { z } from 'zod';
import { filterOf, filterShape, userShape } from '../case-filter.ts';
import { fileOf } from '../export-file.ts';
import { route, type Answer, type Route } from '../route.ts';

const formatShape = { format: z.enum(exportFormats) } as const;

export function caseExportRoutes(exports: CaseExports): readonly Route[] {
  async function file(
    caller: Caller,
    format: (typeof exportFormats)[number],
    filter: CaseFilter,
  ): Promise<Answer> {
    return fileOf('points-hub-cases', format, await exports.export(caller, format, filter));
  }
  const spec = { action: 'case.export', needs: 'cases.read', codes: ['HUB_EXPORT_TOO_LARGE'] } as const;
  return [
    route({
      ...spec,
      method: 'GET',
      path: '/cases/export',
      id: 'exportCases',
      summary: 'The cases of a list as CSV that a spreadsheet does not run, or as lines of JSON',
      query: z.strictObject({ ...filterShape, ...formatShape }),
      perform: ({ query: { format, ...filter } }, caller) => file(caller, format, filterOf(filter)),
    }),
    route({
      ...spec,
      method: 'POST',
      path: '/cases/export',
      id: 'exportFoundCases',
      summary: 'The same, also by user, whom no URL names',
      body: z.strictObject({ ...filterShape, ...userShape, ...formatShape }),
      perform: ({ body: { format, ...filter } }, caller) => file(caller, format, filterOf(filter)),
    }),
  ];
}
