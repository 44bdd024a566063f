/**
 * `npm run lock`: npm install, and then the lockfile made whole.
 *
 * A package with native parts lists one optional package per platform. A registry or mirror that serves only some
 * platforms makes npm leave the others out of package-lock.json, and `npm ci` then refuses it everywhere. Their names
 * and versions are known from the package that lists them, and the platform from the name, so they are put back; npm
 * looks the rest up on the machine that needs one.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of a package-lock.json (version 3) that matters here; `packages` is keyed by folder. */
export interface Lockfile {
  packages: Record<string, LockedPackage>;
}

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const platforms: readonly (readonly [inName: RegExp, os: string])[] = [
  [/darwin/, 'darwin'],
  [/win32|windows/, 'win32'],
  [/freebsd/, 'freebsd'],
  [/openbsd/, 'openbsd'],
  [/netbsd/, 'netbsd'],
  [/android/, 'android'],
  [/openharmony/, 'openharmony'],
  [/sunos/, 'sunos'],
  [/aix/, 'aix'],
  [/linux/, 'linux'],
];
const processors = [
  'arm64',
  'ppc64',
  'riscv64',
  's390x',
  'loong64',
  'mips64el',
  'x64',
  'ia32',
  'wasm32',
  'arm',
];

/** The optional packages that are listed by one in the lockfile but have no entry of their own, by folder. */
export function missingOptionalPackages({ packages }: Lockfile): Map<string, LockedPackage> {
  const missing = new Map<string, LockedPackage>();
  for (const [folder, parent] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      if (isFound(packages, folder, name)) continue;
      missing.set(`node_modules/${name}`, {
        version,
        ...field(
          'cpu',
          processors.find((cpu) => name.includes(cpu)),
        ),
        ...(parent.dev === undefined ? {} : { dev: parent.dev }),
        ...field('libc', libcOf(name)),
        ...(parent.license === undefined ? {} : { license: parent.license }),
        optional: true,
        ...field('os', platforms.find(([inName]) => inName.test(name))?.[1]),
      });
    }
  }
  return missing;
}

// Node looks in the node_modules of the folder itself and of each above it.
function isFound(packages: Lockfile['packages'], folder: string, name: string): boolean {
  for (let place = folder; ; place = place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/')))) {
    if (packages[`${place === '' ? '' : `${place}/`}node_modules/${name}`] !== undefined) return true;
    if (place === '') return false;
  }
}

function libcOf(name: string): string | undefined {
  if (!name.includes('linux')) return undefined;
  return name.includes('musl') ? 'musl' : name.includes('gnu') ? 'glibc' : undefined;
}

function field(name: 'os' | 'cpu' | 'libc', value: string | undefined): LockedPackage {
  return value === undefined ? {} : { [name]: [value] };
}

if (import.meta.main) {
  const file = join(import.meta.dirname, '..', 'package-lock.json');
  const lockfile = JSON.parse(readFileSync(file, 'utf8')) as Lockfile;
  const missing = missingOptionalPackages(lockfile);
  const packages = Object.entries({ ...lockfile.packages, ...Object.fromEntries(missing) });
  const sorted = packages.toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync(file, `${JSON.stringify({ ...lockfile, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
  console.log(`package-lock.json: ${missing.size} packages for other platforms put back`);
}
