/** What people may do, for the faces that they do it through: the console, its API, the command line. */
export { HubError } from '../errors.ts';
export { Points, readPoints } from '../core/points.ts';
export type { Truth } from '../core/case.ts';
export { runProcess } from '../process.ts';
export { caseStates, type CaseState } from '../store/cases.ts';
export { answerJson } from '../mall-api/answer.ts';
export { collectBody, parseBody } from '../mall-api/request-body.ts';
export { answerFailure, openVisits } from '../mall-api/visit.ts';
export type { ConsoleOptions, Face } from './face.ts';
export type { Operations } from './operations.ts';
export type { Done, Wish } from './wish.ts';
