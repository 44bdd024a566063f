/** Where secrets and addresses come from; `process.env` in production. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Something that a description needs is not in the environment. Names the variable, never a value. */
export class EnvironmentError extends Error {
  readonly code = 'HUB_ENVIRONMENT_INVALID';
  readonly variable: string;

  constructor(variable: string, reason: string) {
    super(`environment variable ${variable} ${reason}`);
    this.name = 'EnvironmentError';
    this.variable = variable;
  }
}

/**
 * Reads `env:NAME` as a bearer token.
 *
 * @throws EnvironmentError if it is missing, empty, or could not stand in an HTTP header.
 */
export function readSecret(reference: string, env: Environment): string {
  const variable = reference.replace(/^env:/, '');
  const value = readVariable(variable, env);
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw new EnvironmentError(
      variable,
      'holds characters that a header cannot carry (a space or a line break?)',
    );
  }
  return value;
}

/**
 * Reads `env:NAME` as a secret that need not fit into a header: a key to sign with, a PEM.
 *
 * @throws EnvironmentError if it is missing or empty.
 */
export function readSecretText(reference: string, env: Environment): string {
  return readVariable(reference.replace(/^env:/, ''), env);
}

/**
 * Reads what may be written down or come from the environment as `env:NAME`.
 *
 * @throws EnvironmentError if the variable is missing or empty.
 */
export function readValue(text: string, env: Environment): string {
  return text.startsWith('env:') ? readSecretText(text, env) : text;
}

/**
 * Reads a base URL: `env:NAME` whole, or with `${NAME}` in it. The URL may carry no credentials, query or fragment.
 *
 * @throws EnvironmentError if a variable is missing, TypeError if the result is no such URL.
 */
export function readBaseUrl(template: string, env: Environment): string {
  const text = template.startsWith('env:')
    ? readVariable(template.slice('env:'.length), env)
    : template.replace(/\$\{([A-Z_][A-Z0-9_]*)\}/g, (_, variable: string) => readVariable(variable, env));
  const url = URL.parse(text);
  const usable =
    url !== null &&
    ['http:', 'https:'].includes(url.protocol) &&
    url.username + url.password + url.search + url.hash === '';
  // The text itself may hold a password, so the message shows what was written, not what it became.
  if (!usable)
    throw new TypeError(`baseUrl ${template} is no http(s) URL without credentials, query and fragment`);
  return text;
}

/**
 * Reads the secret of signed callbacks, as Standard Webhooks 1.0 writes it: `whsec_` and the base64 of 24 to 64 bytes.
 *
 * @throws EnvironmentError if it is missing or of another form.
 */
export function readSigningKey(variable: string, env: Environment): Buffer {
  const value = readVariable(variable, env);
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value)?.[1];
  const key = Buffer.from(encoded ?? '', 'base64');
  if (key.length < SIGNING_KEY_BYTES_MIN || key.length > SIGNING_KEY_BYTES_MAX) {
    throw new EnvironmentError(variable, 'does not hold whsec_ and the base64 of 24 to 64 bytes');
  }
  return key;
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, Symmetric. */
const SIGNING_KEY_BYTES_MIN = 24;
const SIGNING_KEY_BYTES_MAX = 64;

function readVariable(variable: string, env: Environment): string {
  const value = env[variable];
  if (value === undefined || value === '') throw new EnvironmentError(variable, 'is not set');
  return value;
}
