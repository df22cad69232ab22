//! The page: draws views, emits actions. The only part that knows a browser.
