// Runs before the first paint, so that a dark page never flashes white. It is a file of its own
// because the Content-Security-Policy allows no inline scripts. Keep in step with src/theme/theme.ts.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem('bellwether.theme');
  } catch {
    // Storage may be blocked; the system's choice is used then.
  }
  var dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
