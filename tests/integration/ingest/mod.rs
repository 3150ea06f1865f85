//! Which files of a build become public.

mod exclusion;
