export const ACCOUNT = {
  username: 'plugin@example.com',
  password: 'user-pass word',
  clientId: 'plugin-client',
  clientSecret: 'client-secret',
}
export const API_KEY = 'key%2F@123'

/** OAuth tokens the contract server has given out. */
export interface TokenDesk {
  /** The answer to a token request. */
  answer(authorization: string | undefined, form: FormData): {status: number; body: object}
  /** True for a live token or the key. */
  accepts(authorization: string | undefined): boolean
  /** From now on no token given so far is good. */
  expire(): void
  /** Refresh tokens are refused from now on. */
  forgetRefresh(): void
  /** grant_type of each request, in order. */
  readonly asked: string[]
  lifeS: number
}

export function createTokenDesk(): TokenDesk {
  let count = 0
  const live = new Set<string>()
  const refresh = new Set<string>()
  const asked: string[] = []
  const basic = `Basic ${Buffer.from(`${ACCOUNT.clientId}:${ACCOUNT.clientSecret}`).toString('base64')}`
  const desk: TokenDesk = {
    asked,
    lifeS: 7199,
    answer(authorization, form) {
      const grant = String(form.get('grant_type'))
      asked.push(grant)
      if (authorization !== basic) return {status: 401, body: {error: 'invalid_client'}}
      const isUser =
        grant === 'password' &&
        form.get('username') === ACCOUNT.username &&
        form.get('password') === ACCOUNT.password &&
        [...form.keys()].length === 3
      const isRefresh = grant === 'refresh_token' && refresh.has(String(form.get('refresh_token')))
      if (!isUser && !isRefresh)
        return {status: 400, body: {error: 'invalid_grant', error_description: 'Bad credentials'}}
      const access = `access.${++count}`
      live.add(access)
      refresh.add(`refresh.${count}`)
      const body = {access_token: access, refresh_token: `refresh.${count}`, expires_in: desk.lifeS, scope: 'other'}
      return {status: 200, body}
    },
    accepts(authorization = '') {
      const [scheme, value = ''] = authorization.split(' ')
      return (scheme === 'Bearer' && live.has(value)) || (scheme === 'Apikey' && value === API_KEY)
    },
    expire: () => live.clear(),
    forgetRefresh: () => refresh.clear(),
  }
  return desk
}
