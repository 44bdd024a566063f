/** From a description's request and what a call is about to the request. */
import { JsonNumber, type JsonObject, type JsonValue } from '../lossless-json.ts';
import type { Field, RequestDraft } from '../signing/request-draft.ts';
import type { JsonTemplate, RequestTemplate } from './request-schema.ts';
import { render, RenderingError, type Rendering, type Template } from './template.ts';

/** @throws RenderingError if a path needs what is not known, or a value could not stand where it belongs */
export function buildRequest(request: RequestTemplate, rendering: Rendering): RequestDraft {
  const { method, path, query, headers, json, form } = request;
  return {
    method,
    path: renderPath(path.template, rendering),
    query: renderFields(query, rendering),
    headers: renderHeaders(headers, rendering),
    body:
      json !== undefined
        ? { type: 'json', value: renderObject(json.fields, rendering) }
        : form !== undefined
          ? { type: 'form', fields: renderFields(form, rendering) }
          : { type: 'none' },
  };
}

/** Variables are one segment or a part of one: they can neither add segments nor climb. */
function renderPath({ parts }: Template, rendering: Rendering): string {
  const path = parts
    .map((part) => {
      if (part.type === 'text') return part.text;
      const value = render({ parts: [part] }, rendering);
      if (value === undefined) throw new RenderingError(`the path needs {${part.name}}, which is not known`);
      return encodeURIComponent(asText(value));
    })
    .join('');
  if (path.split('/').some((segment) => segment === '.' || segment === '..')) {
    throw new RenderingError('the path would have a segment . or ..');
  }
  return path;
}

function renderFields(fields: Readonly<Record<string, Template>>, rendering: Rendering): Field[] {
  return Object.entries(fields).flatMap(([name, template]): Field[] => {
    const value = render(template, rendering);
    return value === undefined ? [] : [[name, asText(value)]];
  });
}

function renderHeaders(
  headers: Readonly<Record<string, Template>>,
  rendering: Rendering,
): Record<string, string> {
  const fields = renderFields(headers, rendering);
  const bad = fields.find(([, value]) => !/^[\x20-\x7e]{0,4096}$/.test(value));
  if (bad !== undefined)
    throw new RenderingError(`the header ${bad[0]} would have characters that headers cannot carry`);
  return Object.fromEntries([['accept', 'application/json'], ...fields]);
}

function renderObject(fields: Readonly<Record<string, JsonTemplate>>, rendering: Rendering): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, template]): [string, JsonValue][] => {
      const value = renderJson(template, rendering);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function renderJson(template: JsonTemplate, rendering: Rendering): JsonValue | undefined {
  if (typeof template === 'number') return new JsonNumber(String(template));
  if (typeof template !== 'object' || template === null) return template;
  if (Array.isArray(template)) {
    return (template as readonly JsonTemplate[]).flatMap((one) => {
      const value = renderJson(one, rendering);
      return value === undefined ? [] : [value];
    });
  }
  if ('parts' in template) return render(template, rendering);
  return 'fields' in template ? renderObject(template.fields, rendering) : undefined;
}

function asText(value: string | JsonNumber): string {
  return typeof value === 'string' ? value : value.text;
}
