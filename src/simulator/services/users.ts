import { debug, error, every, flow, info, rate, type ServiceSpec, steady, visit, warn } from '../service.ts';

/** Accounts, sessions, tokens. OTLP maps as bodies. */
export const users: ServiceSpec = {
  name: 'users',
  namespace: 'shop',
  version: '6.0.9',
  pods: 2,
  language: 'go',
  style: { format: 'kvlist' },
  medianMs: 7,
  lines: {
    token_checked: debug('access token verified | subject={user} kid=k{n:1-3} scope=shop', flow),
    login: info('user signed in | subject={user} method={one:password/passkey/oidc} client={client}', flow),
    profile: info('profile served | subject={user} fields={n:4-19}', flow),
    upstream_failed: error(
      'dependency call failed | target={dependency} status={status} elapsed_ms={took}',
      flow,
    ),
    session: debug('session touched | session={session} ttl_s=1800', visit(0.5)),
    refreshed: info('access token refreshed | subject={user} session={session}', visit(0.12)),
    mfa: info('second factor accepted | subject={user} factor={one:totp/sms/webauthn}', visit(0.05)),
    wrong_password: warn(
      'sign-in failed: wrong password | subject={user} client={client} attempt={n:1-3}',
      visit(0.02),
    ),
    locked: warn('account locked after repeated failures | subject={user} minutes=15', steady(0.01)),
    registered: info('account created | subject={n:140000-160000} mail={email}', rate(0.7)),
    verified: info('mail address verified | mail={email}', rate(0.5)),
    rotated: info('signing keys rotated | active=k{n:1-3} retired=k{n:1-3}', steady(0.005)),
    deleted: info('account erased on request | subject={n:100000-140000} tables={n:11-12}', steady(0.03)),
    purge: debug('expired sessions purged | sessions={n:10-900}', every(60)),
    stats: debug('store statistics | connections={n:4-9} latency_ms={ms:3}', every(30)),
    ldap: error('partner directory answered with referral, ignored | partner={word}', rate(0.03)),
    consent: info('consent updated | subject={user} marketing={one:true/false}', rate(0.3)),
  },
};
