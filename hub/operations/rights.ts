/** What may be allowed to somebody. */
export type Permission =
  'cases.read' | 'replay.run' | 'compensation.request' | 'compensation.approve' | 'channels.manage';
