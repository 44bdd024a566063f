export { append, type NewMessage } from './append.ts';
export { createInProcessBroker, type InProcessOptions } from './broker/in-process.ts';
export type {
  Broker,
  Consumer,
  ConsumeOptions,
  DeadLetterRoute,
  Delivery,
  DeliveryHandler,
  Disposition,
  OutgoingMessage,
  PublishOutcome,
  QueueDeclaration,
  Topology,
} from './broker/port.ts';
export { connectRabbitMq, type RabbitMqOptions } from './broker/rabbitmq.ts';
export { readEnvelope, writeEnvelope, type Envelope, type EnvelopeReading } from './envelope.ts';
export { silentLog, type Log } from './log.ts';
export { migrate, migrateOutbox, sqlMigrations, type SqlMigration } from './migrations.ts';
export { startRelay, type Relay, type RelayOptions } from './relay.ts';
export {
  connectionOwner,
  sqlConnection,
  statementName,
  type RowsAs,
  type SqlConnection,
  type SqlRows,
  type Transaction,
} from './sql-connection.ts';
export {
  onConnection,
  preparedQuery,
  runStatements,
  runTransaction,
  type SqlTransaction,
  type Statement,
} from './transaction.ts';
