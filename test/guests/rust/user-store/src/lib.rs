wit_bindgen::generate!({ path: "store.wit", world: "acme:users/user-store" });

use exports::acme::users::store::{Guest, Part, StoreError, User};

struct Store;

impl Guest for Store {
    fn get_user(id: u64) -> Result<User, StoreError> {
        match id {
            0 => Err(StoreError::NotFound),
            1 => Err(StoreError::Taken("one".to_string())),
            13 => panic!("unlucky"),
            _ => Ok(User { id, name: format!("user {id}"), tags: vec!["a".into(), "b".into()], email: None }),
        }
    }

    fn save_user(user: User, parts: Part) -> Result<u64, StoreError> {
        if user.name.is_empty() {
            return Err(StoreError::Other("a user needs a name".to_string()));
        }
        Ok(user.id + parts.bits() as u64)
    }

    fn find_users(tags: Vec<(String, bool)>) -> Vec<User> {
        tags.into_iter()
            .enumerate()
            .map(|(at, (tag, on))| User { id: at as u64, name: tag.clone(), tags: vec![tag], email: on.then(|| "x@y".into()) })
            .collect()
    }

    fn blob(size: u32) -> Vec<u8> {
        vec![7; size as usize]
    }

    fn touch() {}

    fn newer() -> u32 {
        11
    }
}

export!(Store);
