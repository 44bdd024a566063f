/** The mall's HTTP API. Everything it needs is passed in; `docs/api.md` shows it from the mall's side. */
import express, { type Express, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { ChannelDescription, PortalDescription } from '@points-hub/adapters';
import type { Callbacks } from '../callbacks/callbacks.ts';
import { givesBackOf } from '../channel-policy.ts';
import type { GivesBack } from '../core/refund.ts';
import type { ChannelRules } from '../intake/order-request.ts';
import { openIntake, type Placing } from '../intake/place-order.ts';
import { HubError } from '../errors.ts';
import type { OrderEnds } from '../order-ends.ts';
import type { Remotes } from '../settlement/remote-call.ts';
import type { Settler } from '../settlement/settle.ts';
import type { Database } from '../store/database.ts';
import { readValidApiKey } from '../store/malls.ts';
import { readEndedAmong } from '../store/order-view.ts';
import { answerJson, answerProblem } from './answer.ts';
import { authentication } from './authentication.ts';
import { takeCallbacks } from './callbacks.ts';
import { cancelOrders } from './cancellations.ts';
import { showHealth, showReadiness, type Probe } from './health.ts';
import { openApiDocument } from './openapi.ts';
import { orderWaits } from './order-waits.ts';
import { placeOrders, showOrders } from './orders.ts';
import { quoteMaxMs, quotes } from './quotes.ts';
import { refundOrders } from './refunds.ts';
import { collectBody } from './request-body.ts';
import { answerFailure, openVisits, visitOf } from './visit.ts';

export interface MallApiOptions {
  readonly database: Database;
  /** What orders may ask of each channel. */
  readonly rules: ChannelRules;
  /** Whom quotes ask. */
  readonly remotes: Remotes;
  readonly channels: ReadonlyMap<string, Pick<ChannelDescription, 'limits' | 'capabilities'>>;
  readonly portal: Pick<PortalDescription, 'limits'>;
  readonly placing: Placing;
  /** Turns orders back; it fails at once when the database is away. */
  readonly settler: Pick<Settler, 'cancel'>;
  /** Lets in what channels send by themselves. */
  readonly callbacks: Callbacks;
  /** Told after each commit that placed an order: wakes a relay in this process. */
  readonly onPlaced: () => void;
  /** What workers of this process say; other processes' orders are found by looking. */
  readonly orderEnds: OrderEnds;
  /** What must work besides the database for this process to be sent requests, by name. */
  readonly readiness: Readonly<Record<string, Probe>>;
  readonly log: Logger;
  /** Milliseconds that never go back. */
  readonly monotonicMs?: () => number;
  readonly now?: () => Date;
  /** Express's `trust proxy`; behind a proxy the addresses of those who guess keys come from X-Forwarded-For. */
  readonly trustProxy?: string | number | false;
}

export interface MallApi {
  readonly app: Express;
  /**
   * Lets those who wait for an order go, ends every connection with its next answer, and resolves when no request is
   * under way. Idempotent.
   */
  close(): Promise<void>;
}

export function openMallApi(options: MallApiOptions): MallApi {
  const { settler } = options;
  const { database, rules, remotes, channels, portal, placing, orderEnds, onPlaced, log } = options;
  const { monotonicMs = () => performance.now(), now = () => new Date() } = options;
  const visits = openVisits(log);
  const waits = orderWaits({ orderEnds, readEnded: (orders) => readEndedAmong(database, orders), log });
  const intake = openIntake(database, placing);
  const orders = { database, channels: rules, intake, waits, onPlaced };
  const callTimeoutMs = {
    portal: portal.limits.callTimeoutMs,
    channel: (id: string) => channels.get(id)?.limits.callTimeoutMs ?? quoteMaxMs,
  };
  const givesBack = (id: string): GivesBack => givesBackOf(channels.get(id));
  const readiness = {
    probes: { database: () => database.query('select').then(() => true), ...options.readiness },
    isClosing: () => visits.isClosing(),
    log,
  };
  const keyed = admit(options, monotonicMs);

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('query parser', false);
  app.set('trust proxy', options.trustProxy ?? false);

  app.use(visits.open);
  app.route('/v1/orders').post(keyed, collectBody, placeOrders(orders)).all(only('POST'));
  app.route('/v1/orders/:orderId').get(keyed, showOrders(orders)).all(only('GET, HEAD'));
  app.route('/v1/orders/:orderId/cancel').post(keyed, cancelOrders({ database, settler })).all(only('POST'));
  app
    .route('/v1/orders/:orderId/refunds')
    .post(keyed, collectBody, refundOrders({ database, channels: rules, givesBack, placing, onPlaced }))
    .all(only('POST'));
  app
    .route('/v1/quotes')
    .post(keyed, collectBody, quotes({ channels: rules, remotes, callTimeoutMs, now }))
    .all(only('POST'));
  app.route('/v1/callbacks/:channel').post(collectBody, takeCallbacks(options.callbacks)).all(only('POST'));
  app.route('/healthz').get(showHealth).all(only('GET, HEAD'));
  app.route('/readyz').get(showReadiness(readiness)).all(only('GET, HEAD'));
  app.route('/openapi.json').get(showDocument(rules)).all(only('GET, HEAD'));
  app.use(() => {
    throw new HubError(
      'HUB_ROUTE_UNKNOWN',
      'there is nothing under this path; /openapi.json lists what there is',
    );
  });
  app.use(answerFailure);

  return {
    app,
    close: () => {
      const closed = visits.close();
      waits.close();
      return closed;
    },
  };
}

/** Lets in whoever shows a valid key within its rate, before the body is read. */
function admit({ database }: MallApiOptions, monotonicMs: () => number): RequestHandler {
  const keys = authentication({ read: (keyId) => readValidApiKey(database, keyId), monotonicMs });
  return async (request, response, next) => {
    const { mallId } = await keys.authenticate(request.headers.authorization, request.ip ?? '');
    visitOf(response).mallId = mallId;
    next();
  };
}

/** Answers OPTIONS, and refuses every method that nothing before took. */
function only(allow: string): RequestHandler {
  const methods = `${allow}, OPTIONS`;
  return (request, response) => {
    if (request.method === 'OPTIONS') {
      response.writeHead(204, { Allow: methods }).end();
      return;
    }
    const failure = new HubError('HUB_METHOD_NOT_ALLOWED', `this resource knows ${methods}`);
    visitOf(response).failure = failure;
    answerProblem(response, failure, { Allow: methods });
  };
}

function showDocument(channels: ChannelRules): RequestHandler {
  const text = JSON.stringify(openApiDocument([...channels.keys()]));
  return (_request, response) => answerJson(response, 200, text);
}
