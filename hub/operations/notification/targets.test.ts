import { expect, test } from '@jest/globals';
import { send } from './sending.ts';
import { readTargets, type Mailbox } from './targets.ts';
import { testWording } from './wording.ts';

const mail = { HUB_SMTP_URL: 'smtps://u:p%40ss@mail.example.com', HUB_SMTP_FROM: 'hub@example.com' };

test('targets are those that the environment names, of the kind that their host tells', () => {
  const targets = readTargets({
    HUB_NOTIFY_ONCALL_URL: 'https://open.feishu.cn/open-apis/bot/v2/hook/x',
    HUB_NOTIFY_LARK_URL: 'https://open.larksuite.com/open-apis/bot/v2/hook/x',
    HUB_NOTIFY_DING_URL: 'https://oapi.dingtalk.com/robot/send?access_token=x',
    HUB_NOTIFY_DING_SECRET: 'SECx',
    HUB_NOTIFY_WX_URL: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x',
    HUB_NOTIFY_CHAT_URL: 'https://hooks.slack.com/services/T/B/x',
    HUB_NOTIFY_MATTERMOST_URL: 'https://chat.example.com/hooks/x',
    HUB_NOTIFY_MATTERMOST_KIND: 'slack',
    HUB_NOTIFY_HOSTS: 'chat.example.com',
    HUB_NOTIFY_MAIL_URL: 'mailto:a@example.com,b@example.com',
    ...mail,
  });
  expect([...targets.values()].map(({ name, kind }) => [name, kind])).toEqual([
    ['oncall', 'feishu'],
    ['lark', 'feishu'],
    ['ding', 'dingtalk'],
    ['wx', 'wecom'],
    ['chat', 'slack'],
    ['mattermost', 'slack'],
    ['mail', 'email'],
  ]);
  expect(targets.get('ding')).toMatchObject({ secret: 'SECx' });
  expect(targets.get('mail')).toMatchObject({ to: ['a@example.com', 'b@example.com'] });
  expect(readTargets({}).size).toBe(0);
});

const key = 'HUB_NOTIFY_X_URL';
test.each<[string, NodeJS.ProcessEnv]>([
  ['plain HTTP', { [key]: 'http://hooks.slack.com/services/token' }],
  ['a host that nobody allowed', { [key]: 'https://intranet/token', HUB_NOTIFY_X_KIND: 'slack' }],
  ['the address of a cloud', { [key]: 'http://169.254.169.254/token', HUB_NOTIFY_X_KIND: 'slack' }],
  ['a host of another service', { [key]: 'https://hooks.slack.com/token', HUB_NOTIFY_X_KIND: 'wecom' }],
  ['another port of the service', { [key]: 'https://hooks.slack.com:8443/token' }],
  ['a host that only looks like it', { [key]: 'https://hooks.slack.com.evil.example/token' }],
  [
    'a user in the address',
    { [key]: 'https://hooks.slack.com@evil.example/token', HUB_NOTIFY_X_KIND: 'slack' },
  ],
  ['a file', { [key]: 'file:///token', HUB_NOTIFY_X_KIND: 'slack' }],
  ['no URL', { [key]: 'token' }],
  ['an unknown kind', { [key]: 'https://hooks.slack.com/token', HUB_NOTIFY_X_KIND: 'pager' }],
  ['an allowed host of no kind', { [key]: 'https://a.example/token', HUB_NOTIFY_HOSTS: 'a.example' }],
  ['hosts with a path', { HUB_NOTIFY_HOSTS: 'a.example/token', [key]: 'https://a.example/token' }],
  ['a mail without a server', { [key]: 'mailto:token@example.com', HUB_SMTP_FROM: 'hub@example.com' }],
  ['a mail from nobody', { [key]: 'mailto:token@example.com', HUB_SMTP_URL: 'smtp://mail' }],
  ['a line break in an address', { [key]: 'mailto:a@example.com%0D%0ABcc:token@example.com', ...mail }],
])('refused, without telling what stood there: %s', (_, env) => {
  expect(() => readTargets(env)).toThrow(expect.objectContaining({ code: 'HUB_CONFIG_INVALID' }));
  try {
    readTargets(env);
  } catch (error) {
    expect((error as Error).message).not.toContain('token');
  }
});

test('a password goes to no mail server in the clear', async () => {
  const { createServer } = await import('node:net');
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.write('220 mail\r\n');
    socket.on('data', (chunk) => {
      const line = chunk.toString();
      heard.push(line);
      if (line.startsWith('EHLO')) socket.write('250-mail\r\n250 AUTH PLAIN LOGIN\r\n');
      else socket.write('502 no\r\n');
    });
    socket.on('error', () => undefined);
  });
  // An address of this machine that is not by name the loopback.
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.2', resolve));
  const { port } = server.address() as { port: number };
  const [target] = readTargets({
    [key]: 'mailto:a@example.com',
    HUB_SMTP_URL: `smtp://user:open-secret@127.0.0.2:${port}`,
    HUB_SMTP_FROM: 'hub@example.com',
  }).values();
  const delivery = await send(target as Mailbox, testWording('ada', 'en', undefined), 'm');
  expect(delivery.type).toBe('failed');
  expect(heard.join('')).not.toMatch(/AUTH|open-secret|b3Blbi1zZWNyZXQ/);
  await new Promise((resolve) => void server.close(resolve));
});
