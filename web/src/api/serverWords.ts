// What the server says of single fields and of what stands in the way, as far as people meet it in a form. It says so
// in English; each has the page's own words in every language. What is newer than the page is shown as it comes.

const FIELDS = {
  'must have 1 to 63 characters': 'problem.field.slugLength',
  'may hold letters a to z, digits and hyphens only': 'problem.field.slugLetters',
  'must begin and end with a letter or digit': 'problem.field.slugEnds',
  'is reserved; choose another': 'problem.field.slugReserved',
  'is taken': 'problem.field.slugTaken',
  'is required: name the tenant to sign in to': 'problem.field.slugNeeded',
  'is another tenant than the one of this address: sign in at its own address, or leave the slug out': 'problem.field.slugElsewhere',
  "must be the tenant's slug": 'problem.field.slugWrong',
  'must be an e-mail address': 'problem.field.email',
  'is longer than an e-mail address can be': 'problem.field.emailLong',
  'cannot be used': 'problem.field.emailTaken',
  'is a member already': 'problem.field.emailMember',
  'is invited already': 'problem.field.emailInvited',
  'must have at least 10 characters': 'profile.password.short',
  'must have at most 200 characters': 'problem.field.passwordLong',
  'must not be the e-mail address': 'problem.field.passwordEmail',
  'must be your password': 'problem.field.passwordWrong',
  'must be the current password': 'problem.field.passwordWrong',
  'is required for this change': 'problem.field.passwordNeeded',
  'must not be empty': 'problem.field.nameEmpty',
  'must have at most 100 characters': 'problem.field.nameLong',
  'must be one line of text': 'problem.field.nameLines',
} as const;

const DETAILS = [
  [/^The role \w+ may not do this\./, 'problem.denied.advice'],
  [/^Only an owner or admin changes members\./, 'problem.denied.advice'],
  [/^Only an owner makes somebody an owner/, 'problem.known.ownersOnly'],
  [/^A tenant keeps at least one owner/, 'members.lastOwner'],
  [/^This is a tenant's own address\./, 'problem.known.ownAddress'],
  [/^This invitation was accepted or taken back\./, 'problem.known.invitationOver'],
  [/^An export of this tenant is under way\./, 'problem.known.exportRunning'],
  [/^The e-mail address is verified already\./, 'problem.known.verified'],
] as const;

/** Names of the page's texts. */
export type FieldWord = (typeof FIELDS)[keyof typeof FIELDS];
export type DetailWord = (typeof DETAILS)[number][1];

const isKnown = (message: string): message is keyof typeof FIELDS => Object.hasOwn(FIELDS, message);

/** Which of the page's texts says the same of a field; `null` for what is newer than the page. */
export const fieldWord = (message: string): FieldWord | null => (isKnown(message) ? FIELDS[message] : null);

/** Which of the page's texts says the same of a whole request; `null` for what is newer than the page. */
export const detailWord = (detail: string): DetailWord | null => DETAILS.find(([begins]) => begins.test(detail))?.[1] ?? null;
