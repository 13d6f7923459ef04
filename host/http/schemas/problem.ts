import {type Static, Type} from 'typebox'

/** One of several things wrong, with its place: a JSON pointer into the request, or an entry of the bundle. */
const ProblemItem = Type.Object({
  code: Type.Optional(Type.String()),
  pointer: Type.Optional(Type.String({description: 'JSON pointer into the request'})),
  place: Type.Optional(Type.String({description: 'Entry of the bundle, or JSON pointer into plugin.json'})),
  message: Type.String(),
  remedy: Type.Optional(Type.String()),
  at: Type.Optional(Type.Integer({description: 'First character of the fault in a template, from 0'})),
  severity: Type.Optional(Type.String({description: 'error, or warning where it would do no harm'})),
})
export type ProblemItem = Static<typeof ProblemItem>

/** RFC 9457. `code` is the one to program against; `detail` is for people and may change. */
export const Problem = Type.Object(
  {
    type: Type.String({description: 'URN of the error code'}),
    title: Type.String({description: 'Name of the status'}),
    status: Type.Integer(),
    detail: Type.String({description: 'What is wrong; the remedy, where there is one, on a second line'}),
    code: Type.String({description: 'Error code, one of the table in the documentation'}),
    instance: Type.Optional(Type.String({description: 'URN of this request, as the server’s log names it'})),
    problems: Type.Optional(Type.Array(ProblemItem)),
  },
  {$id: 'Problem', description: 'Why nothing was done'},
)
export type Problem = Static<typeof Problem>
