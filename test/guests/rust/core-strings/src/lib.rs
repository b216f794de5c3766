//! A core module by the canonical ABI, without any generator: `repr(C)` structures have the same layout on wasm32 as WIT records,
//! strings and lists are (pointer, length), and a result wider than one number comes back as a pointer to it.
use std::alloc::{Layout, alloc, realloc};
use std::mem::ManuallyDrop;

#[repr(C)]
pub struct Slice<T> {
    at: *mut T,
    len: usize,
}

impl<T> Slice<T> {
    /// Takes what the host wrote; it was allocated by `cabi_realloc` with exactly this size.
    unsafe fn take(at: *mut T, len: usize) -> Vec<T> {
        if len == 0 { Vec::new() } else { unsafe { Vec::from_raw_parts(at, len, len) } }
    }

    fn give(values: Vec<T>) -> Slice<T> {
        let boxed = ManuallyDrop::new(values.into_boxed_slice());
        Slice { at: boxed.as_ptr().cast_mut(), len: boxed.len() }
    }

    /// The vector again, to drop it.
    unsafe fn back(&self) -> Vec<T> {
        unsafe { Slice::take(self.at, self.len) }
    }
}

type Text = Slice<u8>;

unsafe fn text(at: *mut u8, len: usize) -> String {
    unsafe { String::from_utf8_unchecked(Slice::take(at, len)) }
}

fn give<T>(value: T) -> *mut T {
    Box::into_raw(Box::new(value))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, size: usize) -> *mut u8 {
    if size == 0 {
        return align as *mut u8;
    }
    let at = unsafe {
        if old_size == 0 {
            alloc(Layout::from_size_align_unchecked(size, align))
        } else {
            realloc(old, Layout::from_size_align_unchecked(old_size, align), size)
        }
    };
    if at.is_null() { core::arch::wasm32::unreachable() } else { at }
}

unsafe fn post_text(result: *mut Text) {
    unsafe { drop(Box::from_raw(result).back()) }
}

// greet: func(name: string) -> string;
#[unsafe(no_mangle)]
pub unsafe extern "C" fn greet(at: *mut u8, len: usize) -> *mut Text {
    let name = unsafe { text(at, len) };
    give(Slice::give(format!("Hello, {name}!").into_bytes()))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cabi_post_greet(result: *mut Text) {
    unsafe { post_text(result) }
}

// count_words: func(text: string) -> u32;
#[unsafe(no_mangle)]
pub unsafe extern "C" fn count_words(at: *mut u8, len: usize) -> u32 {
    unsafe { text(at, len) }.split_whitespace().count() as u32
}

// split: func(text: string, at: char) -> list<string>;
#[unsafe(no_mangle)]
pub unsafe extern "C" fn split(at: *mut u8, len: usize, mark: u32) -> *mut Slice<Text> {
    let whole = unsafe { text(at, len) };
    let mark = char::from_u32(mark).unwrap_or(' ');
    give(Slice::give(whole.split(mark).map(|part| Slice::give(part.as_bytes().to_vec())).collect()))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cabi_post_split(result: *mut Slice<Text>) {
    unsafe { Box::from_raw(result).back().iter().for_each(|part| drop(part.back())) }
}

// mean: func(xs: list<f64>) -> option<f64>;
#[repr(C)]
pub struct OptionF64 {
    some: u8,
    value: f64,
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn mean(at: *mut f64, len: usize) -> *mut OptionF64 {
    let xs = unsafe { Slice::take(at, len) };
    let value = if xs.is_empty() { 0.0 } else { xs.iter().sum::<f64>() / xs.len() as f64 };
    give(OptionF64 { some: u8::from(!xs.is_empty()), value })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cabi_post_mean(result: *mut OptionF64) {
    unsafe { drop(Box::from_raw(result)) }
}

#[repr(C)]
pub struct UserRecord {
    id: u32,
    name: Text,
    tags: Slice<Text>,
    active: u8,
}

#[repr(C)]
pub struct UserOutput {
    id: u32,
    display_name: Text,
    tag_count: u32,
    active: u8,
}

// transform_users: func(users: list<user-record>) -> list<user-output>;
#[unsafe(no_mangle)]
pub unsafe extern "C" fn transform_users(at: *mut UserRecord, len: usize) -> *mut Slice<UserOutput> {
    let users = unsafe { Slice::take(at, len) };
    let transform = |user: &UserRecord| unsafe {
        let name = text(user.name.at, user.name.len);
        let tags = user.tags.back();
        tags.iter().for_each(|tag| drop(tag.back()));
        UserOutput {
            id: user.id,
            display_name: Slice::give(name.to_uppercase().into_bytes()),
            tag_count: tags.len() as u32,
            active: user.active,
        }
    };
    give(Slice::give(users.iter().map(transform).collect()))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cabi_post_transform_users(result: *mut Slice<UserOutput>) {
    unsafe { Box::from_raw(result).back().iter().for_each(|user| drop(user.display_name.back())) }
}

// divide: func(a: s32, b: s32) -> result<s32, string>;
#[repr(C)]
pub struct DivideResult {
    is_err: u8,
    payload: DividePayload,
}

#[repr(C)]
pub union DividePayload {
    ok: i32,
    err: ManuallyDrop<Text>,
}

#[unsafe(no_mangle)]
pub extern "C" fn divide(a: i32, b: i32) -> *mut DivideResult {
    give(match a.checked_div(b) {
        Some(ok) => DivideResult { is_err: 0, payload: DividePayload { ok } },
        None => {
            let err = ManuallyDrop::new(Slice::give(b"division by zero".to_vec()));
            DivideResult { is_err: 1, payload: DividePayload { err } }
        }
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cabi_post_divide(result: *mut DivideResult) {
    unsafe {
        let result = Box::from_raw(result);
        if result.is_err == 1 {
            drop(result.payload.err.back());
        }
    }
}

// panics: func(message: string) -> string;
#[unsafe(no_mangle)]
pub unsafe extern "C" fn panics(at: *mut u8, len: usize) -> *mut Text {
    panic!("{}", unsafe { text(at, len) })
}
