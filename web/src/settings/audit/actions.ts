import en from '../../i18n/locales/en.json';
import { guard } from '../../sources/words';

export type Action = keyof typeof en.audit.actions;

/** What the log can be asked for, by area: every operation that changes something, and what happens without one. */
export const ACTIONS = {
  access: [
    'login',
    'logout',
    'refresh',
    'use_credential',
    'register',
    'forgot_password',
    'reset_password',
    'change_profile',
    'send_verification',
    'verify_email',
    'end_session',
    'end_other_sessions',
    'switch_tenant',
    'take_over',
  ],
  members: [
    'create_invitation',
    'resend_invitation',
    'revoke_invitation',
    'look_at_invitation',
    'accept_invitation',
    'change_member',
    'remove_member',
  ],
  keys: ['create_api_key', 'rotate_api_key', 'revoke_api_key', 'issue_api_key'],
  team: [
    'change_tenant',
    'set_plan',
    'create_export',
    'delete_tenant',
    'restore_tenant',
    'erase_tenant',
    'suspend_tenant',
    'resume_tenant',
  ],
  products: ['create_tracking', 'update_tracking', 'delete_tracking', 'refresh_product', 'preview_page', 'preview_schedule'],
  alerts: ['create_alert_rule', 'update_alert_rule', 'delete_alert_rule', 'test_alert_rule', 'acknowledge_alert'],
  monitors: [
    'create_monitor',
    'update_monitor',
    'delete_monitor',
    'run_monitor',
    'create_category',
    'update_category',
    'delete_category',
  ],
  crawls: [
    'start_manual_crawl',
    'cancel_crawl',
    'retry_crawl',
    'start_sync',
    'put_scheduler',
    'start_scheduler',
    'stop_scheduler',
  ],
  sources: ['put_credential', 'test_credential', 'delete_credential'],
} as const satisfies Record<keyof typeof en.audit.areas, readonly Action[]>;

export const AREAS = Object.keys(ACTIONS) as (keyof typeof ACTIONS)[];

/** What entries are about. */
export const KINDS = [
  'user',
  'session',
  'invitation',
  'member',
  'api_key',
  'credential',
  'auth',
  'tenant',
  'product',
  'tracking',
  'alert_rule',
  'alert',
  'monitor',
  'category',
  'crawl',
  'scheduler',
  'sync',
  'sync_log',
  'source',
] as const satisfies readonly (keyof typeof en.audit.kinds)[];

// A server that is newer than the page has others: those are shown as they come.
export const isAction = guard(en.audit.actions);
export const isSubjectKind = guard(en.audit.kinds);
export const isReason = guard(en.audit.reasons);
