/** The cookies of the console: what signs in, what remembers a browser, what binds a sign-in at the provider to it. */

export interface Cookies {
  readonly session: string | undefined;
  readonly device: string | undefined;
  readonly oidc: string | undefined;
}

type Name = keyof Cookies;

export interface CookieJar {
  /** What a request shows. Of two of one name neither counts: one of them was put there by somebody else. */
  read(header: string | undefined): Cookies;
  /** As `Set-Cookie` says it. */
  set(name: Name, value: string): string;
  clear(name: Name): string;
}

const deviceMaxAgeS = 90 * 86_400;
const oidcMaxAgeS = 600;

/** @param isSecure whether browsers come by HTTPS; `__Host-` then keeps other hosts of the domain from setting them */
export function cookieJar(isSecure: boolean): CookieJar {
  const fullName = (name: Name): string => `${isSecure ? '__Host-' : ''}points-hub-${name}`;
  const common = `Path=/; HttpOnly${isSecure ? '; Secure' : ''}`;
  // The provider sends the browser back from another site: Strict would hide the cookie that proves who asked.
  const sameSite = (name: Name): string => `SameSite=${name === 'oidc' ? 'Lax' : 'Strict'}`;
  const maxAge: Readonly<Record<Name, string>> = {
    // Ends with the browser, or before that by the limits that the server keeps.
    session: '',
    device: `; Max-Age=${deviceMaxAgeS}`,
    oidc: `; Max-Age=${oidcMaxAgeS}`,
  };
  return {
    read: (header = '') => {
      const pairs = header.split(';').map((pair) => pair.trim());
      const valueOf = (name: Name): string | undefined => {
        const start = `${fullName(name)}=`;
        const values = pairs.filter((pair) => pair.startsWith(start)).map((pair) => pair.slice(start.length));
        return values.length === 1 && /^[\w-]{43}$/.test(values[0] ?? '') ? values[0] : undefined;
      };
      return { session: valueOf('session'), device: valueOf('device'), oidc: valueOf('oidc') };
    },
    set: (name, value) => `${fullName(name)}=${value}; ${common}; ${sameSite(name)}${maxAge[name]}`,
    clear: (name) => `${fullName(name)}=; ${common}; ${sameSite(name)}; Max-Age=0`,
  };
}
