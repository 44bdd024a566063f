import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { currentTypes, typesFile } from './generate.ts';

test('the types of the client are those of the server: npm run page:types writes them anew', async () => {
  expect(readFileSync(typesFile, 'utf8')).toBe(await currentTypes());
});
