# shellcheck shell=bash
# Sourced by ./dev: building what is older than its sources, and checking what has no compiler.

# Where cargo builds, whatever CARGO_TARGET_DIR or a configuration file says.
target_dir() {
  cargo metadata --no-deps --offline --format-version 1 2>/dev/null |
    sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'
}

# build [CARGO ARGS]: the programs, in the same form in which `cargo test --workspace` builds them.
# Cargo chooses the features of a dependency by what is being built; naming the whole workspace and
# one (small) test makes that choice the same for `up`, `services` and `test`, so that nothing is
# compiled twice.
build() { cargo build --workspace --test shared "$@"; }

# bellwether ARGS: runs the program, built first if something of ours may be running without it.
bellwether() {
  local program
  program=$(target_dir)/debug/bellwether
  if [ ! -x "$program" ]; then
    if [ ! -d .dev ]; then
      say "nothing was ever started here"
      return 0
    fi
    require_packages compiler
    build --bin bellwether
  fi
  "$program" "$@"
}

stop_test_engines() {
  local devstack
  devstack=$(target_dir)/debug/devstack
  if [ -x "$devstack" ]; then "$devstack" stop; fi
}

# npm_install DIR: what the lock file says, unless that is what is there.
npm_install() {
  local dir=$1
  if cmp -s "$dir/package-lock.json" "$dir/node_modules/.installed-lock.json"; then return 0; fi
  step "installing the packages of $dir"
  # Not `npm ci`: that refuses a lock file without every other platform's optional packages, and a
  # registry mirror that holds only this platform's leaves them out. --no-save keeps the lock file.
  (cd "$dir" && npm install --no-save --no-audit --no-fund </dev/null) || return
  cp "$dir/package-lock.json" "$dir/node_modules/.installed-lock.json"
}

install_web() { npm_install web; }

build_web() {
  install_web
  if [ -f web/dist/index.html ]; then
    local newer
    newer=$(find web \( -path web/node_modules -o -path web/dist \) -prune -o \
      -type f -newer web/dist/index.html -print -quit)
    [ -n "$newer" ] || return 0
  fi
  step "building the page"
  (cd web && npm run build </dev/null)
}

check_scripts() {
  local script
  local -a scripts=(dev .ci/run)
  while IFS= read -r script; do scripts+=("$script"); done < <(git ls-files 'scripts/*.sh' '*.bash')
  for script in "${scripts[@]}"; do bash -n "$script"; done
  if command -v shellcheck >/dev/null 2>&1; then shellcheck --external-sources "${scripts[@]}"; fi
}

check_configs() {
  npm_install scripts/dev/configs
  git ls-files -z '*.json' '*.toml' '*.yaml' '*.yml' | node scripts/dev/configs/check.mjs
}
