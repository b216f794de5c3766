wit_bindgen::generate!({ path: "app.wit", world: "acme:users/user-app" });

use acme::users::store;

struct App;

impl Guest for App {
    fn get(id: u64) -> Result<User, StoreError> {
        store::get_user(id)
    }

    fn save(user: User, parts: Part) -> Result<u64, StoreError> {
        store::save_user(&user, parts)
    }

    fn find(tags: Vec<(String, bool)>) -> Vec<User> {
        store::find_users(&tags)
    }

    fn blob_length(size: u32) -> u32 {
        store::blob(size).len() as u32
    }

    fn touch(times: u32) {
        for _ in 0..times {
            store::touch();
        }
    }

    fn say(line: String) -> bool {
        log(3, &line)
    }

    fn name_of(id: u64) -> String {
        match store::get_user(id) {
            Ok(user) => user.name,
            Err(StoreError::NotFound) => "nobody".to_string(),
            Err(StoreError::Taken(name)) => format!("taken: {name}"),
            Err(StoreError::Other(why)) => format!("failed: {why}"),
        }
    }
}

export!(App);
