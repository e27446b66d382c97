use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::*;

/// A password, whose hashes in the older formats other programs computed.
const PASSWORD: &str = "red, green, blue, black";
const MD5_HEX: &str = "473db7000bddba9d073f1b959d49d6bf";
const MD5_BASE64: &str = "Rz23AAvdup0HPxuVnUnWvw==";
const IDENTITY: [(&str, &str); 3] = [
    ("SHA-1", "AQAAAAAAAAPoAAAAEAECAwQFBgcICQoLDA0ODxDabEpsUdGjPlevDPE459pRcBY30+Flwa/ZdGO0YIVLsQ=="),
    ("SHA-256", "AQAAAAEAACcQAAAAEAECAwQFBgcICQoLDA0ODxBYGC2qrJP2pyDS+1qrbRe2E+Ys67wtTOl1/zN2D91w0g=="),
    ("SHA-512", "AQAAAAIAAYagAAAAEAECAwQFBgcICQoLDA0ODxALqAyT7Aco5VJATvXoKVRSRUzfxd+c19TtcFSvUQQ9Ng=="),
];

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// A hash in the format of ASP.NET Core Identity with these numbers, valid or not.
fn identity(function: u32, iterations: u32, salt_length: u32, salt_and_key: usize) -> String {
    let mut bytes = vec![1];
    for number in [function, iterations, salt_length] {
        bytes.extend(number.to_be_bytes());
    }
    bytes.resize(13 + salt_and_key, 7);
    Base64::encode_string(&bytes)
}

#[test]
fn promise_2_an_older_hash_verifies_and_is_made_anew() {
    let older = [("MD5", MD5_HEX), ("MD5", MD5_BASE64), ("MD5", &MD5_HEX.to_uppercase())];
    let identity = IDENTITY.map(|(_, hash)| ("AN3", hash));
    for (format, hash) in older.into_iter().chain(identity) {
        assert_eq!(format_of(hash), Some(format), "{hash}");
        assert_eq!(checked(PASSWORD, Some(hash)), Checked::Right { is_current: false }, "{hash}");
        assert_eq!(checked("red, green, blue, white", Some(hash)), Checked::Wrong, "{hash}");
    }
    let renewed = new(&secret(PASSWORD)).expect("a hash");
    assert_eq!(format_of(&renewed), Some(NEW_FORMAT));
    assert_eq!(checked(PASSWORD, Some(&renewed)), Checked::Right { is_current: true });
}

/// An Argon2id hash of [`PASSWORD`] with this memory in KiB and this number of passes.
fn argon2id(memory: u32, passes: u32) -> String {
    let params = Params::new(memory, passes, 1, None).expect("parameters");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password(PASSWORD.as_bytes()).expect("a hash").to_string()
}

#[test]
fn promise_4_every_check_takes_the_same_work_whatever_is_stored_and_typed() {
    // As `MOST`, with fewer iterations.
    let full = Work { pbkdf2: [10_000; 3], ..NEW };
    let stored = [
        None,
        Some(String::new()),
        Some("a password in clear text".to_owned()),
        Some(MD5_HEX.to_owned()),
        Some(IDENTITY[0].1.to_owned()),
        Some(IDENTITY[1].1.to_owned()),
        Some(identity(0, 5000, 16, 48)),
        Some(identity(1, 1, 16, 48)),
        Some(identity(1, 10_000, 16, 48)),
        Some(identity(2, 9999, 16, 48)),
        Some(identity(2, 100_001, 16, 48)),
        Some(identity(2, u32::MAX, 16, 48)),
        Some(argon2id(4096, 1)),
        Some(argon2id(7168, 5)),
        Some(argon2id(19_456, 2)),
        Some(argon2id(65_536, 1)),
    ];
    for stored in stored {
        for typed in [PASSWORD, "wrong"] {
            assert_eq!(check_now(&secret(typed), stored.as_deref(), full).1, full, "{stored:?}");
        }
    }
    // Where no older hash is kept, there is none to be told from others.
    for stored in [None, Some(argon2id(4096, 1)), Some(argon2id(19_456, 2))] {
        assert_eq!(check_now(&secret("wrong"), stored.as_deref(), NEW).1, NEW, "{stored:?}");
    }
}

#[test]
fn promise_2_a_hash_that_takes_more_work_than_every_check_is_not_verified() {
    for (least, too_much) in [
        (identity(0, 50_000, 16, 48), identity(0, 50_001, 16, 48)),
        (identity(1, 100_000, 16, 48), identity(1, 100_001, 16, 48)),
        (identity(2, 100_000, 16, 48), identity(2, 100_001, 16, 48)),
        (argon2id(19_456, 2), argon2id(19_457, 2)),
    ] {
        assert!(format_of(&least).is_some(), "{least}");
        assert_eq!(format_of(&too_much), None, "{too_much}");
        assert_eq!(checked(PASSWORD, Some(&too_much)), Checked::TooCostly, "{too_much}");
    }
}

fn checked(password: &str, stored: Option<&str>) -> Checked {
    check_now(&secret(password), stored, NEW).0
}

#[test]
fn promise_2_a_weak_argon2id_hash_is_made_anew() {
    assert_eq!(checked(PASSWORD, Some(&argon2id(4096, 1))), Checked::Right { is_current: false });
    assert_eq!(checked(PASSWORD, Some(&argon2id(7168, 5))), Checked::Right { is_current: true });
}

#[test]
fn promise_2_a_hash_that_asks_too_much_or_is_cut_short_verifies_nothing() {
    let argon = |params: &str| {
        format!("$argon2id$v=19${params}$c29tZXNhbHRzb21lc2FsdA$+r0d29hqEB0yasKr55ZgICsQGSkl0v0kgwhd+U3wyRo")
    };
    let whole = identity(1, 1000, 16, 48);
    assert_eq!(format_of(&whole), Some("AN3"));
    assert_eq!(format_of(&argon("m=19456,t=2,p=1")), Some(NEW_FORMAT));
    for hostile in [
        String::new(),
        "x".repeat(100_000),
        MD5_HEX[..31].to_owned(),
        whole[..whole.len() - 4].to_owned() + "====",
        identity(1, 0, 16, 48),
        identity(1, u32::MAX, 16, 48),
        identity(9, 1000, 16, 48),
        identity(1, 1000, u32::MAX, 48),
        identity(1, 1000, 40, 48),
        identity(1, 1000, 0, 48),
        identity(2, 1000, 16, 20_000),
        argon("m=4294967295,t=2,p=1"),
        argon("m=19456,t=4294967295,p=1"),
        argon("m=19456,t=2,p=1000"),
        argon("m=1,t=0,p=0"),
        "$argon2id$v=19$m=19456,t=2,p=1".to_owned(),
        "$argon2i$v=19$m=16,t=2,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo".to_owned(),
    ] {
        assert_eq!(format_of(&hostile), None, "{hostile:.80}");
        assert!(!matches!(checked(PASSWORD, Some(&hostile)), Checked::Right { .. }), "{hostile:.80}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn promise_1_nothing_of_a_password_is_left_out(typed in "\\PC{15,128}") {
        let hash = new(&secret(&typed)).expect("a hash");
        prop_assert_eq!(checked(&typed, Some(&hash)), Checked::Right { is_current: true });
        let mut shorter = typed;
        shorter.pop();
        prop_assert_eq!(checked(&shorter, Some(&hash)), Checked::Wrong);
    }
}

proptest! {
    #[test]
    fn promise_2_no_text_makes_the_parser_of_hashes_panic(
        text in prop_oneof![
            "\\PC{0,80}",
            "\\$argon2id\\$v=19\\$m=[0-9]{1,12},t=[0-9]{1,12},p=[0-9]{1,9}\\$[A-Za-z0-9+/]{0,40}\\$[A-Za-z0-9+/]{0,60}",
            proptest::collection::vec(any::<u8>(), 0..120).prop_map(|bytes| Base64::encode_string(&bytes)),
        ],
    ) {
        format_of(&text);
    }
}

#[tokio::test]
async fn no_more_hashes_are_computed_at_once_than_there_are_turns() {
    const AT_ONCE: usize = 2;
    const ALL: usize = 8;
    let hashing = Hashing::new(AT_ONCE);
    let running = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    // Each computation reports that it has begun, and waits until the test lets it go on.
    let (has_begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
    let (go_on, goes_on) = std::sync::mpsc::channel();
    let goes_on = Arc::new(Mutex::new(goes_on));
    let compute = || {
        let (running, most) = (Arc::clone(&running), Arc::clone(&most));
        let (has_begun, goes_on) = (has_begun.clone(), Arc::clone(&goes_on));
        move || {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            has_begun.send(()).expect("the test listens");
            goes_on.lock().expect("nobody panics").recv().expect("the test goes on");
            running.fetch_sub(1, Ordering::SeqCst);
        }
    };
    let all = futures::future::join_all((0..ALL).map(|_| hashing.run(compute())));
    let watch = async {
        for _ in 0..AT_ONCE {
            begins.recv().await.expect("it begins");
        }
        for _ in AT_ONCE..ALL {
            assert_eq!(hashing.0.available_permits(), 0);
            go_on.send(()).expect("one waits");
            begins.recv().await.expect("the next one begins when one has ended");
        }
        (0..AT_ONCE).for_each(|_| go_on.send(()).expect("one waits"));
    };
    let (computed, ()) = tokio::join!(all, watch);
    assert_eq!(computed, vec![Some(()); ALL]);
    assert_eq!(most.load(Ordering::SeqCst), AT_ONCE);
}

#[tokio::test]
async fn a_computation_that_panics_gives_its_turn_back() {
    let hashing = Hashing::new(1);
    assert_eq!(hashing.run::<()>(|| panic!("out of memory")).await, None);
    assert_eq!(hashing.run(|| 1).await, Some(1));
}
