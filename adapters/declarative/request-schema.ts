/** What a description may say of a request. Templates are parsed as they are read, so a bad one is told with its place. */
import { z } from 'zod';

import { ExpressionError, EXPRESSION_CHARS_MAX } from './expression-tokens.ts';
import { parseTemplate, templateVariables, type Template } from './template.ts';

/** A string of a small language; its faults become problems of the description. */
export function expressionSchema<Parsed>(parse: (text: string) => Parsed, description: string) {
  return z
    .string()
    .max(EXPRESSION_CHARS_MAX)
    .meta({ description })
    .transform((text, context): Parsed => {
      try {
        return parse(text);
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
        return z.NEVER;
      }
    });
}

const templateSchema = expressionSchema(
  parseTemplate,
  'Text with {variables}, e.g. "order {orderId}"; {points|negated|number} becomes a JSON number.',
);

/** JSON whose strings are templates. */
export type JsonTemplate =
  | Template
  | number
  | boolean
  | null
  | readonly JsonTemplate[]
  | { readonly type: 'object'; readonly fields: Readonly<Record<string, JsonTemplate>> };

const jsonTemplateSchema: z.ZodType<JsonTemplate> = z
  .lazy(() =>
    z.union([
      templateSchema,
      z.int(),
      z.boolean(),
      z.null(),
      z.array(jsonTemplateSchema).max(50),
      objectSchemaOf(jsonTemplateSchema),
    ]),
  )
  .meta({ id: 'JsonTemplate' });

function objectSchemaOf(inner: z.ZodType<JsonTemplate>) {
  return z
    .record(z.string().min(1).max(128), inner)
    .transform((fields) => ({ type: 'object' as const, fields }));
}

/** Transport and signing decide these; a description that set them could send a request elsewhere. */
const RESERVED_HEADERS: readonly string[] = [
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

const headersSchema = z
  .record(z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'a header name in lower case'), templateSchema)
  .superRefine((headers, context) => {
    for (const name of Object.keys(headers)) {
      if (RESERVED_HEADERS.includes(name)) {
        context.addIssue({ code: 'custom', path: [name], message: 'is decided by transport and signing' });
      }
    }
  });

const fieldsSchema = z.record(z.string().min(1).max(128), templateSchema);

const pathSchema = expressionSchema((text) => {
  const template = parseTemplate(text);
  const literal = template.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
  if (!/^[\x21-\x7e]*$/.test(literal) || /[?#]/.test(literal) || text.includes('//')) {
    throw new ExpressionError('a path is percent-encoded, without query and //; a fault', 0);
  }
  if (text !== '' && !text.startsWith('/')) throw new ExpressionError('a path begins with /', 0);
  return { template, shown: text };
}, 'Appended to baseUrl, e.g. "/members/{memberRef}/balance"; variables are percent-encoded.');

export const requestSchema = z
  .strictObject({
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).describe('GET has no body.'),
    path: pathSchema,
    query: fieldsSchema
      .default({})
      .describe(
        'Entries whose variable has no value, e.g. `{cursor}` of the first page, are left out; also below.',
      ),
    headers: headersSchema.default({}).describe('Names in lower case, and templates.'),
    json: objectSchemaOf(jsonTemplateSchema).optional().describe('A JSON object whose texts are templates.'),
    form: fieldsSchema.optional().describe('Names and templates, sent form-encoded.'),
  })
  .superRefine(({ method, json, form }, context) => {
    if (json !== undefined && form !== undefined) {
      context.addIssue({ code: 'custom', path: ['form'], message: 'a request has json or form, not both' });
    }
    if (method === 'GET' && (json ?? form) !== undefined) {
      context.addIssue({ code: 'custom', path: ['method'], message: 'a GET has no body' });
    }
  });

export type RequestTemplate = z.output<typeof requestSchema>;

/** Every variable that the request uses. */
export function requestVariables({ path, query, headers, json, form }: RequestTemplate): string[] {
  const templates = [
    path.template,
    ...[query, headers, form ?? {}].flatMap((fields) => Object.values(fields)),
  ];
  return [...templates.flatMap(templateVariables), ...(json === undefined ? [] : jsonVariables(json))];
}

function jsonVariables(json: JsonTemplate): string[] {
  if (typeof json !== 'object' || json === null) return [];
  if (Array.isArray(json)) return (json as readonly JsonTemplate[]).flatMap(jsonVariables);
  if ('parts' in json) return templateVariables(json);
  return 'fields' in json ? Object.values(json.fields).flatMap(jsonVariables) : [];
}
