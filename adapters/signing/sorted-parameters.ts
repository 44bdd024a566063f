/** Parameters as the text that is signed: sorted by name, joined, with the secret where it belongs. */
import {
  fieldOf,
  isJsonObject,
  scalarText,
  writeJson,
  type JsonObject,
  type JsonValue,
} from '../lossless-json.ts';
import type { Field, RequestDraft } from './request-draft.ts';
import type { Md5SortedDescription } from './signing-schema.ts';

export type ParameterRules = Pick<
  Md5SortedDescription,
  'include' | 'exclude' | 'dropEmpty' | 'signatureField' | 'join'
>;

export function sortedText(parameters: readonly Field[], rules: ParameterRules, secret: string): string {
  const { keyValue, pairs, prefix, suffix, valuesOnly, secretParameter } = rules.join;
  const signed = parameters.filter(
    ([name, value]) =>
      name !== rules.signatureField && !rules.exclude.includes(name) && !(rules.dropEmpty && value === ''),
  );
  const all: readonly Field[] =
    secretParameter === undefined ? signed : [...signed, [secretParameter, secret]];
  const joined = all
    .toSorted(([one], [other]) => (one < other ? -1 : Number(one > other)))
    .map(([name, value]) => (valuesOnly ? value : name + keyValue + value))
    .join(pairs);
  return prefix.replaceAll('{secret}', () => secret) + joined + suffix.replaceAll('{secret}', () => secret);
}

/** The parameters of a request, where the rules say that they are. */
export function parametersOf(draft: RequestDraft, { include }: ParameterRules): readonly Field[] {
  switch (include) {
    case 'query':
      return draft.query;
    case 'form':
      return draft.body.type === 'form' ? draft.body.fields : [];
    case 'json':
      return draft.body.type === 'json' && isJsonObject(draft.body.value) ? fieldsOf(draft.body.value) : [];
  }
}

/** The same request with more parameters in that place. */
export function withParameters(
  draft: RequestDraft,
  { include }: ParameterRules,
  more: readonly Field[],
): RequestDraft {
  switch (include) {
    case 'query':
      return { ...draft, query: [...draft.query, ...more] };
    case 'form': {
      const fields = draft.body.type === 'form' ? draft.body.fields : [];
      return { ...draft, body: { type: 'form', fields: [...fields, ...more] } };
    }
    case 'json': {
      const fields = draft.body.type === 'json' && isJsonObject(draft.body.value) ? draft.body.value : {};
      return { ...draft, body: { type: 'json', value: { ...fields, ...Object.fromEntries(more) } } };
    }
  }
}

/** Top-level fields; what is no scalar counts as its JSON. */
export function fieldsOf(value: JsonObject): readonly Field[] {
  return Object.keys(value).flatMap((name): Field[] => {
    const field: JsonValue | undefined = fieldOf(value, name);
    return field === undefined || field === null ? [] : [[name, scalarText(field) ?? writeJson(field)]];
  });
}
