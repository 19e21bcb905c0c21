// Every address of the console. A page's module is fetched when it is first visited; the more telling path stands first.

/** @type {import("./router.js").Route[]} */
export const ROUTES = [
  { path: "/chat", place: "/chat", load: () => import("./pages/chat.js") },
  { path: "/chat/:conversation", place: "/chat", load: () => import("./pages/chat.js") },
  { path: "/conversations", place: "/conversations", load: () => import("./pages/conversations.js") },
  { path: "/conversations/:conversation", place: "/conversations", load: () => import("./pages/conversation.js") },
  { path: "/conversations/:conversation/turns/:message", place: "/conversations", load: () => import("./pages/turn.js") },
  { path: "/agents", place: "/agents", load: () => import("./pages/agents.js") },
  { path: "/agents/new", place: "/agents", load: () => import("./pages/agent.js") },
  { path: "/agents/:agent", place: "/agents", load: () => import("./pages/agent.js") },
  { path: "/agents/:agent/revisions", place: "/agents", load: () => import("./pages/revisions.js") },
  { path: "/data-sets", place: "/data-sets", load: () => import("./pages/data-sets.js") },
  { path: "/data-sets/:data_set", place: "/data-sets", load: () => import("./pages/data-set.js") },
  { path: "/data-sets/:data_set/documents/:document", place: "/data-sets", load: () => import("./pages/document.js") },
  { path: "/welcome", place: "/chat", load: () => import("./pages/welcome.js") },
  { path: "/overview", place: "/overview", load: () => import("./pages/overview.js") },
  { path: "/settings", place: "/settings", load: () => import("./pages/settings/account.js") },
  { path: "/settings/account", place: "/settings", load: () => import("./pages/settings/account.js") },
  { path: "/settings/keys", place: "/settings", load: () => import("./pages/settings/keys.js") },
  { path: "/settings/members", place: "/settings", load: () => import("./pages/settings/members.js") },
  { path: "/settings/vault", place: "/settings", load: () => import("./pages/settings/vault.js") },
  { path: "/settings/webhooks", place: "/settings", load: () => import("./pages/settings/webhooks.js") },
  { path: "/settings/webhooks/:webhook", place: "/settings", load: () => import("./pages/settings/webhook.js") },
  { path: "/settings/schedules", place: "/settings", load: () => import("./pages/settings/schedules.js") },
  { path: "/settings/schedules/:schedule", place: "/settings", load: () => import("./pages/settings/schedule.js") },
  { path: "/settings/limits", place: "/settings", load: () => import("./pages/settings/limits.js") },
  { path: "/settings/audit", place: "/settings", load: () => import("./pages/settings/audit.js") },
  { path: "/settings/privacy", place: "/settings", load: () => import("./pages/settings/privacy.js") },
  { path: "/settings/models", place: "/settings", load: () => import("./pages/settings/models.js") },
  { path: "/settings/organization", place: "/settings", load: () => import("./pages/settings/organization.js") },
];

/** The parts of the settings, and the scope without which one is not shown. */
export const SETTINGS = [
  { href: "/settings/account", words: "Account", scope: "read" },
  { href: "/settings/keys", words: "Keys", scope: "read" },
  { href: "/settings/members", words: "Members", scope: "admin" },
  { href: "/settings/vault", words: "Vault", scope: "admin" },
  { href: "/settings/webhooks", words: "Webhooks", scope: "admin" },
  { href: "/settings/schedules", words: "Schedules", scope: "converse" },
  { href: "/settings/limits", words: "Limits", scope: "admin" },
  { href: "/settings/models", words: "Models", scope: "read" },
  { href: "/settings/audit", words: "Audit", scope: "admin" },
  { href: "/settings/privacy", words: "Privacy", scope: "admin" },
  { href: "/settings/organization", words: "Organization", scope: "admin" },
];
