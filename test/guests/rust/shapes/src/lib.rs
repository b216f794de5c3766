use std::sync::atomic::{AtomicU32, Ordering};

wit_bindgen::generate!({ path: "shapes.wit", world: "weft:shapes/shapes" });

use exports::acme::math::calc;

struct Shapes;

macro_rules! echo {
    ($($name:ident: $type:ty),* $(,)?) => { $(fn $name(v: $type) -> $type { v })* };
}

static CALLS: AtomicU32 = AtomicU32::new(0);

impl Guest for Shapes {
    echo! {
        echo_bool: bool,
        echo_u8: u8, echo_u16: u16, echo_u32: u32, echo_u64: u64,
        echo_s8: i8, echo_s16: i16, echo_s32: i32, echo_s64: i64,
        echo_f32: f32, echo_f64: f64, echo_char: char,
        echo_string: String, echo_bytes: Vec<u8>,
        echo_list_u32: Vec<u32>, echo_list_f64: Vec<f64>, echo_list_bool: Vec<bool>,
        echo_list_string: Vec<String>, echo_list_list: Vec<Vec<u16>>,
        echo_list_option: Vec<Option<String>>, echo_list_record: Vec<Point>,
        echo_tuple: (u8, String, f64),
        echo_point: Point, echo_person: Person, echo_mixed: Mixed,
        echo_color: Color, echo_permissions: Permissions, echo_many_flags: ManyFlags, echo_shape: Shape,
        echo_option_u32: Option<u32>, echo_option_string: Option<String>,
        echo_option_option: Option<Option<u32>>, echo_option_record: Option<Point>,
        echo_result: Result<u32, String>, echo_result_ok: Result<String, ()>,
        echo_result_err: Result<(), String>, echo_result_bare: Result<(), ()>,
        echo_list_result: Vec<Result<u32, String>>,
    }

    #[allow(clippy::too_many_arguments)]
    fn spill(a: String, b: String, c: String, d: String, e: String, f: String, g: String, h: String, i: u64) -> String {
        [a, b, c, d, e, f, g, h, i.to_string()].join("|")
    }

    fn add_up(a: u8, b: i16, c: u32, d: i64, e: f32, f: f64) -> f64 {
        f64::from(a) + f64::from(b) + f64::from(c) + d as f64 + f64::from(e) + f
    }

    fn nothing() {}

    fn optional_tail(name: String, greeting: Option<String>, mark: Option<char>) -> String {
        let mut text = greeting.unwrap_or_else(|| "Hello".into());
        text.push_str(", ");
        text.push_str(&name);
        text.extend(mark);
        text
    }

    fn transform_users(users: Vec<UserRecord>) -> Vec<UserOutput> {
        users
            .into_iter()
            .map(|user| UserOutput {
                id: user.id,
                display_name: user.name.to_uppercase(),
                tag_count: user.tags.len() as u32,
                active: user.active,
            })
            .collect()
    }

    fn divide(a: i32, b: i32) -> Result<i32, String> {
        if b == 0 { Err("division by zero".into()) } else { a.checked_div(b).ok_or_else(|| "overflow".into()) }
    }

    fn checked(n: u32) -> Result<u32, MathError> {
        match n {
            0 => Err(MathError::Other("zero".into())),
            13 => Err(MathError::Negative(-13)),
            _ => n.checked_mul(2).ok_or(MathError::Overflow),
        }
    }

    fn parse_point(text: String) -> Result<Point, String> {
        let (x, y) = text.split_once(',').ok_or("no comma")?;
        let number = |part: &str| part.trim().parse().map_err(|_| format!("not a number: {part}"));
        Ok(Point { x: number(x)?, y: number(y)? })
    }

    fn panics(message: String) -> String {
        panic!("{message}")
    }

    fn count() -> u32 {
        CALLS.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn make_string(n: u32) -> String {
        (0..n).map(|i| char::from(b'a' + (i % 26) as u8)).collect()
    }

    fn make_users(n: u32) -> Vec<UserRecord> {
        (0..n)
            .map(|id| UserRecord { id, name: format!("user {id}"), tags: vec!["a".into(), "b".into()], active: id % 2 == 0 })
            .collect()
    }
}

impl calc::Guest for Shapes {
    fn add(a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }

    fn mul(a: i32, b: i32) -> i32 {
        a.wrapping_mul(b)
    }

    fn div_rounded(a: i32, b: i32, mode: calc::Rounding) -> Result<i32, String> {
        let down = a.checked_div_euclid(b).ok_or("cannot divide")?;
        let rest = a.rem_euclid(b) != 0;
        Ok(if rest && mode == calc::Rounding::Up { down + 1 } else { down })
    }
}

export!(Shapes);
