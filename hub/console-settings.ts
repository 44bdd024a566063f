/** What the environment says about the operators' console: where browsers find it, the identity provider, whom it tells. */
import { z } from 'zod';
import { readTargets, type Targets } from './operations/notification/targets.ts';
import type { OidcSettings } from './operations/people/oidc.ts';
import { roles } from './operations/rights.ts';
import { invalidSetting } from './setting-fault.ts';

/** @param host where the console listens. @throws HubError HUB_CONFIG_INVALID */
export function readConsoleEnvironment(
  host: string,
  env: NodeJS.ProcessEnv,
): {
  readonly url: string | undefined;
  readonly oidc: OidcSettings | undefined;
  readonly targets: Targets;
} {
  const targets = readTargets(env);
  const url =
    env['HUB_CONSOLE_URL'] === undefined ? undefined : safeUrl('HUB_CONSOLE_URL', env['HUB_CONSOLE_URL']);
  if (url !== undefined && (url.pathname !== '/' || url.search !== '' || url.hash !== '')) {
    throw invalidSetting('HUB_CONSOLE_URL', 'names a path; the console is served from the root of its host');
  }
  if (url === undefined && !isLoopback(host)) {
    throw invalidSetting('HUB_CONSOLE_URL', `is not set; it is needed where the console listens on ${host}`);
  }
  const issuer = env['HUB_OIDC_ISSUER'];
  if (issuer === undefined) return { url: url?.origin, oidc: undefined, targets };
  if (url === undefined) {
    throw invalidSetting('HUB_CONSOLE_URL', 'is not set; the identity provider sends browsers back there');
  }
  safeUrl('HUB_OIDC_ISSUER', issuer);
  const oidc = {
    issuer,
    clientId: required(env, 'HUB_OIDC_CLIENT_ID'),
    clientSecret: required(env, 'HUB_OIDC_CLIENT_SECRET'),
    scopes: (env['HUB_OIDC_SCOPES'] ?? '').split(' ').filter((scope) => scope !== ''),
    groupsClaim: env['HUB_OIDC_GROUPS_CLAIM'] ?? 'groups',
    rolesOfGroups: readRolesOfGroups(required(env, 'HUB_OIDC_ROLES')),
  };
  return { url: url.origin, oidc, targets };
}

/** Passwords, codes and cookies cross this line: HTTPS, but on this very machine. */
function safeUrl(name: string, text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw invalidSetting(name, `is "${text}", which is no URL`);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw invalidSetting(name, `is "${text}"; https:// is needed anywhere but on the loopback`);
  }
  return url;
}

function isLoopback(host: string): boolean {
  return ['localhost', '127.0.0.1', '::1', '[::1]'].includes(host);
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name] ?? '';
  if (value === '') throw invalidSetting(name, 'is not set, and HUB_OIDC_ISSUER needs it');
  return value;
}

const rolesOfGroupsSchema = z.record(z.string().min(1), z.array(z.enum(roles)).min(1));

/** JSON, for the names of groups may hold any character. */
function readRolesOfGroups(text: string): OidcSettings['rolesOfGroups'] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidSetting('HUB_OIDC_ROLES', 'is not JSON; it looks like {"points-operators":["operator"]}');
  }
  const parsed = rolesOfGroupsSchema.safeParse(value);
  if (!parsed.success)
    throw invalidSetting('HUB_OIDC_ROLES', `cannot be used: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
