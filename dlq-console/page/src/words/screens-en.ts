/** English words of the screens beside triage; `screens-zh.ts` has the same keys. */
export const screensEn = {
  flow: {
    day: 'Opened and ended, last 24 hours',
    week: 'Opened and ended, last 7 days',
    opened: 'Opened: {{count}}',
    ended: 'Ended: {{count}}',
    drawn: '{{title}}: {{opened}} opened, {{ended}} ended',
    from: 'From',
    openedColumn: 'Opened',
    endedColumn: 'Ended',
  },
  desk: {
    stakes: 'Points at stake by channel',
    nothingAtStake: 'Nothing waits for a person: no points are at stake.',
    severalChannels: 'Several, at the portal',
    remotes: 'State of the channels',
    nothingMine: 'You look after none. Open one and claim it, so that others see who does.',
    waitingForMe: 'Waiting for my approval',
    waitingForApprovers: 'Waiting for an approver',
    nothingWaits: 'Nobody waits for an approval.',
    nothingRuns: 'None is running. A preview of one begins at a group.',
    more: '{{count}} more',
  },
  breaker: {
    closed: 'Well',
    open: 'Cut off',
    half_open: 'Being probed',
  },
  channel: {
    intro:
      'A switch holds for all processes within two seconds, and is written in the audit. What waits loses nothing.',
    adminsOnly: 'Only an admin may throw these switches.',
    partial: 'So many deductions wait that only those due first were counted.',
    portal: 'Portal',
    all: 'Show all',
    paused: 'Paused',
    since: 'Since {{at}}:',
    until: 'Next probe {{at}}.',
    pausedBy: 'Paused by {{by}}, {{at}}:',
    limitedBy: 'Limited by {{by}}, {{at}}:',
    setBy: '{{by}}, {{at}}',
    rate: 'Calls per second',
    concurrency: 'Calls at once',
    unbounded: 'no bound',
    ofFile: 'file: {{bound}}',
    fileAllows: 'Its file allows: {{bound}}. Only less can be set here; an empty field takes it back.',
    asFile: 'as its file says',
    threshold: 'One person alone up to',
    thresholdEmpty: 'Empty: always a second person.',
    alwaysTwo: 'always two',
    pointsForm: 'A plain decimal above zero, such as 12.50',
    pause: 'Pause',
    resume: 'Resume',
    limit: 'Limits',
    setThreshold: 'Threshold',
    means: {
      pause:
        'Nobody calls {{name}} any more. {{count}} deductions wait for it now and go on when it is resumed.',
      resume:
        '{{name}} is called again, {{count}} deductions first; if it was cut off, it is probed at once.',
      limit: 'Fewer calls make {{name}} slower, and safer where it cannot keep up.',
      threshold:
        'Up to so many points one operator alone may compensate at {{name}}, without anybody approving. It is points given away on one word.',
    },
  },
};

export const columnsEn = {
  oldest: 'Oldest',
  breaker: 'State',
};
