//! The table of all functions, for programs that share a copy of the library without linking to it.

use std::ffi::{c_char, c_void};

use crate::{
    BACKSTAY_ABI_MAJOR, BACKSTAY_ABI_MINOR, backstay_cancel_reason, backstay_canceled_fn,
    backstay_completed_fn, backstay_completion, backstay_deferral, backstay_destroy_fn, backstay_details,
    backstay_drain_report, backstay_error, backstay_holder, backstay_host, backstay_host_options,
    backstay_host_state, backstay_instance, backstay_language, backstay_progress_fn, backstay_state,
    backstay_status, backstay_str, backstay_subscription, backstay_task, backstay_task_options,
};
// Every function of these modules has its place in the table.
#[allow(clippy::wildcard_imports)]
use crate::{deferral::*, host::*, instance::*, library::*, subscription::*, task::*};

/// Every function of this header, as a table: so that a C extension of a Python program uses the very copy of the
/// library that Python has loaded. backstay_table.h makes the names of this header stand for the table's entries.
///
/// The table never changes and lives as long as the process. New functions are added at its end.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct backstay_api {
    /// BACKSTAY_ABI_MAJOR of the library; a program that was compiled with another one must not use the table.
    pub abi_major: u32,
    /// BACKSTAY_ABI_MINOR of the library.
    pub abi_minor: u32,
    /// How many bytes the table has; an entry beyond that is not there.
    pub size: usize,
    /// backstay_status_name
    pub status_name: extern "C" fn(backstay_status) -> *const c_char,
    /// backstay_status_message
    pub status_message: extern "C" fn(backstay_status) -> *const c_char,
    /// backstay_abi_version
    pub abi_version: extern "C" fn() -> u32,
    /// backstay_live_handles
    pub live_handles: extern "C" fn() -> u64,
    /// backstay_host_open
    pub host_open: unsafe extern "C" fn(*const backstay_host_options, *mut backstay_host) -> backstay_status,
    /// backstay_host_get_state
    pub host_get_state: unsafe extern "C" fn(backstay_host, *mut backstay_host_state) -> backstay_status,
    /// backstay_host_task
    pub host_task: unsafe extern "C" fn(backstay_host, backstay_str, *mut backstay_task) -> backstay_status,
    /// backstay_host_flush
    pub host_flush: extern "C" fn(backstay_host, i64) -> backstay_status,
    /// backstay_host_advance
    pub host_advance: extern "C" fn(backstay_host, i64) -> backstay_status,
    /// backstay_host_drain
    pub host_drain: unsafe extern "C" fn(backstay_host, i64, *mut backstay_drain_report) -> backstay_status,
    /// backstay_host_shutdown
    pub host_shutdown:
        unsafe extern "C" fn(backstay_host, i64, *mut backstay_drain_report) -> backstay_status,
    /// backstay_host_begin_shutdown
    pub host_begin_shutdown: extern "C" fn(backstay_host, i64) -> backstay_status,
    /// backstay_host_dup
    pub host_dup: unsafe extern "C" fn(backstay_host, *mut backstay_host) -> backstay_status,
    /// backstay_host_release
    pub host_release: extern "C" fn(backstay_host) -> backstay_status,
    /// backstay_task_register
    pub task_register: unsafe extern "C" fn(
        backstay_host,
        *const backstay_task_options,
        *mut backstay_task,
        *mut backstay_error,
    ) -> backstay_status,
    /// backstay_task_fire
    pub task_fire: unsafe extern "C" fn(
        backstay_task,
        *const backstay_details,
        *mut backstay_instance,
    ) -> backstay_status,
    /// backstay_task_unregister
    pub task_unregister: extern "C" fn(backstay_task, bool) -> backstay_status,
    /// backstay_task_counts
    pub task_counts: unsafe extern "C" fn(backstay_task, *mut usize, *mut usize) -> backstay_status,
    /// backstay_task_on_completed
    pub task_on_completed: unsafe extern "C" fn(
        backstay_task,
        backstay_completed_fn,
        *mut c_void,
        backstay_destroy_fn,
        *mut backstay_subscription,
    ) -> backstay_status,
    /// backstay_task_on_progress
    pub task_on_progress: unsafe extern "C" fn(
        backstay_task,
        backstay_progress_fn,
        *mut c_void,
        backstay_destroy_fn,
        *mut backstay_subscription,
    ) -> backstay_status,
    /// backstay_task_dup
    pub task_dup: unsafe extern "C" fn(backstay_task, *mut backstay_task) -> backstay_status,
    /// backstay_task_release
    pub task_release: extern "C" fn(backstay_task) -> backstay_status,
    /// backstay_instance_id
    pub instance_id: unsafe extern "C" fn(backstay_instance, *mut u8) -> backstay_status,
    /// backstay_instance_task
    pub instance_task: unsafe extern "C" fn(backstay_instance, *mut backstay_task) -> backstay_status,
    /// backstay_instance_details
    pub instance_details: unsafe extern "C" fn(backstay_instance, *mut backstay_details) -> backstay_status,
    /// backstay_instance_get_state
    pub instance_get_state: unsafe extern "C" fn(backstay_instance, *mut backstay_state) -> backstay_status,
    /// backstay_instance_get_progress
    pub instance_get_progress: unsafe extern "C" fn(backstay_instance, *mut u32) -> backstay_status,
    /// backstay_instance_set_progress
    pub instance_set_progress: extern "C" fn(backstay_instance, u32) -> backstay_status,
    /// backstay_instance_get_deferral
    pub instance_get_deferral:
        unsafe extern "C" fn(backstay_instance, backstay_str, *mut backstay_deferral) -> backstay_status,
    /// backstay_instance_get_deferral_at
    pub instance_get_deferral_at: unsafe extern "C" fn(
        backstay_instance,
        backstay_str,
        backstay_str,
        u32,
        backstay_language,
        *mut backstay_deferral,
    ) -> backstay_status,
    /// backstay_instance_holders
    pub instance_holders:
        unsafe extern "C" fn(backstay_instance, *mut backstay_holder, usize, *mut usize) -> backstay_status,
    /// backstay_instance_set_error
    pub instance_set_error: unsafe extern "C" fn(backstay_instance, backstay_str) -> backstay_status,
    /// backstay_instance_cancel
    pub instance_cancel: extern "C" fn(backstay_instance, backstay_cancel_reason) -> backstay_status,
    /// backstay_instance_is_canceled
    pub instance_is_canceled:
        unsafe extern "C" fn(backstay_instance, *mut bool, *mut backstay_cancel_reason) -> backstay_status,
    /// backstay_instance_on_canceled
    pub instance_on_canceled: unsafe extern "C" fn(
        backstay_instance,
        backstay_canceled_fn,
        *mut c_void,
        backstay_destroy_fn,
        *mut backstay_subscription,
    ) -> backstay_status,
    /// backstay_instance_wait
    pub instance_wait:
        unsafe extern "C" fn(backstay_instance, i64, *mut backstay_completion) -> backstay_status,
    /// backstay_instance_dup
    pub instance_dup: unsafe extern "C" fn(backstay_instance, *mut backstay_instance) -> backstay_status,
    /// backstay_instance_release
    pub instance_release: extern "C" fn(backstay_instance) -> backstay_status,
    /// backstay_deferral_complete
    pub deferral_complete: extern "C" fn(backstay_deferral) -> backstay_status,
    /// backstay_deferral_fail
    pub deferral_fail: unsafe extern "C" fn(backstay_deferral, backstay_str) -> backstay_status,
    /// backstay_deferral_instance
    pub deferral_instance: unsafe extern "C" fn(backstay_deferral, *mut backstay_instance) -> backstay_status,
    /// backstay_deferral_dup
    pub deferral_dup: unsafe extern "C" fn(backstay_deferral, *mut backstay_deferral) -> backstay_status,
    /// backstay_deferral_release
    pub deferral_release: extern "C" fn(backstay_deferral) -> backstay_status,
    /// backstay_subscription_cancel
    pub subscription_cancel: extern "C" fn(backstay_subscription) -> backstay_status,
    /// backstay_subscription_dup
    pub subscription_dup:
        unsafe extern "C" fn(backstay_subscription, *mut backstay_subscription) -> backstay_status,
    /// backstay_subscription_release
    pub subscription_release: extern "C" fn(backstay_subscription) -> backstay_status,
}

/// The table of this copy of the library.
pub static API: backstay_api = backstay_api {
    abi_major: BACKSTAY_ABI_MAJOR,
    abi_minor: BACKSTAY_ABI_MINOR,
    size: size_of::<backstay_api>(),
    status_name: backstay_status_name,
    status_message: backstay_status_message,
    abi_version: backstay_abi_version,
    live_handles: backstay_live_handles,
    host_open: backstay_host_open,
    host_get_state: backstay_host_get_state,
    host_task: backstay_host_task,
    host_flush: backstay_host_flush,
    host_advance: backstay_host_advance,
    host_drain: backstay_host_drain,
    host_shutdown: backstay_host_shutdown,
    host_begin_shutdown: backstay_host_begin_shutdown,
    host_dup: backstay_host_dup,
    host_release: backstay_host_release,
    task_register: backstay_task_register,
    task_fire: backstay_task_fire,
    task_unregister: backstay_task_unregister,
    task_counts: backstay_task_counts,
    task_on_completed: backstay_task_on_completed,
    task_on_progress: backstay_task_on_progress,
    task_dup: backstay_task_dup,
    task_release: backstay_task_release,
    instance_id: backstay_instance_id,
    instance_task: backstay_instance_task,
    instance_details: backstay_instance_details,
    instance_get_state: backstay_instance_get_state,
    instance_get_progress: backstay_instance_get_progress,
    instance_set_progress: backstay_instance_set_progress,
    instance_get_deferral: backstay_instance_get_deferral,
    instance_get_deferral_at: backstay_instance_get_deferral_at,
    instance_holders: backstay_instance_holders,
    instance_set_error: backstay_instance_set_error,
    instance_cancel: backstay_instance_cancel,
    instance_is_canceled: backstay_instance_is_canceled,
    instance_on_canceled: backstay_instance_on_canceled,
    instance_wait: backstay_instance_wait,
    instance_dup: backstay_instance_dup,
    instance_release: backstay_instance_release,
    deferral_complete: backstay_deferral_complete,
    deferral_fail: backstay_deferral_fail,
    deferral_instance: backstay_deferral_instance,
    deferral_dup: backstay_deferral_dup,
    deferral_release: backstay_deferral_release,
    subscription_cancel: backstay_subscription_cancel,
    subscription_dup: backstay_subscription_dup,
    subscription_release: backstay_subscription_release,
};

/// The table of this copy of the library. Never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_get_api() -> *const backstay_api {
    &raw const API
}
