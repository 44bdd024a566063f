import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { connect } from 'amqplib';
import type { Stand } from '../stand/stand.ts';

/** What the figures of a run belong to. Names no host. */
export interface Machine {
  readonly processors: number;
  readonly processorModel: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  readonly rabbitMq: string;
  /** Postgres's settings that decide whether a commit is on disk. */
  readonly durability: string;
}

export async function describeMachine(stand: Stand): Promise<Machine> {
  const [row] = await stand.query<Record<'version' | 'fsync' | 'commit' | 'pages', string>>(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as commit, current_setting('full_page_writes') as pages`,
  );
  return {
    processors: availableParallelism(),
    processorModel: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${arch()}`,
    node: process.version,
    postgres: row?.version ?? 'unknown',
    rabbitMq: await rabbitMqVersion(stand.amqpUrl),
    durability: `fsync ${row?.fsync}, synchronous_commit ${row?.commit}, full_page_writes ${row?.pages}`,
  };
}

async function rabbitMqVersion(url: string): Promise<string> {
  const connection = await connect(url);
  try {
    return connection.connection.serverProperties.version;
  } finally {
    await connection.close();
  }
}
