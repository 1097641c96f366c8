// Small things every page shares. No framework, no build.
