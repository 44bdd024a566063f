/** The TypeScript of the page's client, made from the OpenAPI document in the shape that openapi-fetch reads. */

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Operation {
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const heading = `/** Made from the OpenAPI document by dlq-console/page/generate.ts; a test holds it against the server. */\n`;

/** The source of `api-schema.ts`, not yet formatted. */
export function schemaTypes({ paths, components }: ApiDocument): string {
  const pathTypes = Object.entries(paths).map(([path, methods]) => {
    const each = Object.entries(methods).map(([method, one]) => `${method}: ${operationType(one)};`);
    return `${quoted(path)}: { ${each.join('\n')} };`;
  });
  const named = Object.entries(components.schemas).map(([name, one]) => `${name}: ${typeOf(one)};`);
  return (
    `${heading}\nexport interface paths {\n${pathTypes.join('\n')}\n}\n\n` +
    `export interface components { schemas: {\n${named.join('\n')}\n} }\n`
  );
}

function operationType({ parameters, requestBody, responses }: Operation): string {
  const places = ['path', 'query', 'header'].flatMap((place) => {
    const here = parameters.filter((one) => one.in === place);
    if (here.length === 0) return [];
    const isNeeded = here.some((one) => one.required === true);
    const fields = here.map(
      ({ name, required, schema }) => `${quoted(name)}${required === true ? '' : '?'}: ${typeOf(schema)};`,
    );
    return [`${place}${isNeeded ? '' : '?'}: { ${fields.join(' ')} };`];
  });
  const body =
    requestBody === undefined ? '' : `requestBody: { content: ${contentType(requestBody.content)} };`;
  const answers = Object.entries(responses).map(
    ([status, { content }]) =>
      `${status}: { content: ${content === undefined ? '{}' : contentType(content)} };`,
  );
  return `{ parameters: { ${places.join(' ')} }; ${body} responses: { ${answers.join(' ')} } }`;
}

function contentType(content: Content): string {
  return `{ ${Object.entries(content)
    .map(([mediaType, { schema }]) => `${quoted(mediaType)}: ${typeOf(schema)};`)
    .join(' ')} }`;
}

/** @throws Error for a schema that the API does not use yet, so that none becomes `unknown` unseen */
function typeOf(schema: Schema): string {
  const { $ref, enum: words, anyOf, oneOf, type } = schema;
  if ($ref !== undefined) {
    return `components['schemas'][${quoted($ref.slice('#/components/schemas/'.length))}]`;
  }
  if (schema.const !== undefined) return literal(schema.const);
  if (words !== undefined) return words.map(literal).join(' | ');
  const choices = anyOf ?? oneOf;
  if (choices !== undefined) return choices.map((one) => `(${typeOf(one)})`).join(' | ');
  if (typeof type === 'object') return type.map((one) => typeOf({ ...schema, type: one })).join(' | ');
  switch (type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return `(${typeOf(schema.items ?? {})})[]`;
    case 'object':
      return objectType(schema);
    case undefined:
      return 'unknown';
    default:
      throw new Error(`no TypeScript is known for ${JSON.stringify(schema)}`);
  }
}

function objectType({ properties = {}, required = [], additionalProperties }: Schema): string {
  const fields = Object.entries(properties);
  if (fields.length === 0) {
    const values = typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'never';
    return `Record<string, ${values}>`;
  }
  return `{ ${fields
    .map(([name, one]) => `${quoted(name)}${required.includes(name) ? '' : '?'}: ${typeOf(one)};`)
    .join(' ')} }`;
}

const quoted = (text: string): string => JSON.stringify(text);
const literal = (value: unknown): string => JSON.stringify(value);
