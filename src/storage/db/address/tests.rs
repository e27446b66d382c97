//! The forms of an address, and what is said of those that are wrong.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::*;

/// What an address comes to, in one line: `USER:PASSWORD@HOST:PORT,…/DATABASE MODE`.
fn told(address: &str, variables: &[(&str, &str)]) -> Result<String, String> {
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    let surroundings = Surroundings {
        variable: &|name| variables.get(name).map(|value| (*value).into()),
        account: "me".to_owned(),
        has_socket: &|path| path == Path::new("/tmp/.s.PGSQL.5432"),
    };
    let address = Address::read(address, &surroundings).map_err(|error| error.to_string())?;
    let hosts: Vec<String> = address
        .hosts
        .iter()
        .map(|host| {
            let password = host.password.as_ref().map_or("-", |password| password.expose_secret());
            let address = host.address.map_or_else(String::new, |address| format!("={address}"));
            format!("{password}@{}{address}:{}", host.name, host.port)
        })
        .collect();
    Ok(format!("{} {} {} {:?}", address.user, hosts.join(" "), address.database, address.tls))
}

#[test]
fn an_address_is_read_as_psql_reads_it() {
    for (address, expected) in [
        ("postgres://clerk:secret@db.example:6432/acme", "clerk secret@db.example:6432 acme Prefer"),
        ("postgresql://clerk@db.example/acme", "clerk -@db.example:5432 acme Prefer"),
        ("postgres://db.example", "me -@db.example:5432 me Prefer"),
        ("postgres://", "me -@/tmp:5432 me Prefer"),
        ("postgres:///acme", "me -@/tmp:5432 acme Prefer"),
        ("postgres:///acme?port=5433", "me -@localhost:5433 acme Prefer"),
        ("postgres:///acme?host=/run/postgresql", "me -@/run/postgresql:5432 acme Prefer"),
        ("postgres://%2Frun%2Fpostgresql/acme", "me -@/run/postgresql:5432 acme Prefer"),
        ("postgres://clerk@localhost/acme?host=/run/pg&port=6000", "clerk -@/run/pg:6000 acme Prefer"),
        ("postgres://[::1]/acme", "me -@::1:5432 acme Prefer"),
        ("postgres://[2001:db8::1]:6000/acme", "me -@2001:db8::1:6000 acme Prefer"),
        ("postgres://clerk:s@a:1,b,[::1]:3/acme", "clerk s@a:1 s@b:5432 s@::1:3 acme Prefer"),
        ("postgres:///acme?host=a,b&port=7", "me -@a:7 -@b:7 acme Prefer"),
        ("postgres://h/acme?user=clerk&password=p%26q%3Dr", "clerk p&q=r@h:5432 acme Prefer"),
        ("postgres://clerk:p%23s%2Fs%40%25%3A%20@h/a%20b", "clerk p#s/s@%: @h:5432 a b Prefer"),
        ("postgres://clerk:a:b+c@h/acme", "clerk a:b+c@h:5432 acme Prefer"),
        ("postgres://h/acme?sslmode=disable", "me -@h:5432 acme Disable"),
        ("postgres://h/acme?sslmode=allow", "me -@h:5432 acme Allow"),
        ("postgres://h/acme?sslmode=require", "me -@h:5432 acme Require"),
        ("postgres://h/acme?sslmode=require&sslrootcert=ca.crt", "me -@h:5432 acme VerifyCa"),
        ("postgres://h/acme?sslmode=verify-ca", "me -@h:5432 acme VerifyCa"),
        ("postgres://h/acme?sslmode=verify-full&sslrootcert=system", "me -@h:5432 acme VerifyFull"),
        ("postgres://h/acme?channel_binding=prefer&gssencmode=disable", "me -@h:5432 acme Prefer"),
        ("postgres://h/acme?hostaddr=192.0.2.7", "me -@h=192.0.2.7:5432 acme Prefer"),
        ("postgres:///acme?hostaddr=2001:db8::1", "me -@2001:db8::1=2001:db8::1:5432 acme Prefer"),
        ("postgres://a,b:6/acme?hostaddr=,192.0.2.7", "me -@a:5432 -@b=192.0.2.7:6 acme Prefer"),
        ("postgres://h/acme?client_encoding=UTF8&application_name=psql", "me -@h:5432 acme Prefer"),
        ("postgres://h/acme?target_session_attrs=prefer-standby", "me -@h:5432 acme Prefer"),
        ("postgres://h/acme?connect_timeout=-1&keepalives=1&keepalives_idle=30", "me -@h:5432 acme Prefer"),
        ("postgres://h/acme?krbsrvname=postgres&sslsni=1&tcp_user_timeout=0", "me -@h:5432 acme Prefer"),
        ("postgres://h/acme?ssl_min_protocol_version=TLSv1.2&replication=false", "me -@h:5432 acme Prefer"),
    ] {
        assert_eq!(told(address, &[]), Ok(expected.to_owned()), "{address}");
    }
}

#[test]
fn what_an_address_leaves_open_comes_from_the_environment() {
    let variables = [
        ("PGHOST", "db.example"),
        ("PGPORT", "6000"),
        ("PGUSER", "clerk"),
        ("PGPASSWORD", "secret"),
        ("PGDATABASE", "acme"),
        ("PGSSLMODE", "require"),
    ];
    assert_eq!(told("postgres://", &variables), Ok("clerk secret@db.example:6000 acme Require".to_owned()));
    let stricter = told("postgres://", &[&variables[..], &[("PGCHANNELBINDING", "require")]].concat());
    let sentence = "PGCHANNELBINDING is not supported with this value; leave it out";
    assert!(stricter.is_err_and(|said| said.ends_with(sentence)));
    assert_eq!(
        told("postgres://zoe:hers@h:1/other?sslmode=disable", &variables),
        Ok("zoe hers@h:1 other Disable".to_owned())
    );
}

#[test]
fn a_character_that_is_not_escaped_is_named_with_its_escape_and_without_the_password() {
    for (address, hint) in [
        ("postgres://clerk:p#canary@host/acme", "`#` is written `%23`"),
        ("postgres://clerk:p/canary@host/acme", "`/` is written `%2F`"),
        ("postgres://clerk:1/canary@host/acme", "`/` is written `%2F`"),
        ("postgres://clerk:p?canary@host/acme", "`?` is written `%3F`"),
        ("postgres://clerk:1?canary=2@host/acme", "`?` is written `%3F`"),
        ("postgres://clerk:p@canary@host/acme", "`@` is written `%40`"),
        ("postgres://clerk:p%canary@host/acme", "`%` is written `%25`"),
        ("postgres://clerk:%FFcanary@host/acme", "`%` is written `%25`"),
        ("postgres://clerk:p%zcanary@host/acme", "`%` is written `%25`"),
        ("postgres://clerk:p canary@host/acme", "a blank is written `%20`"),
        ("postgres://clerk:p\u{a0}canary@host/acme", "a control character is written `%C2%A0`"),
        ("postgres://clerk:p\tcanary@host/acme", "a control character is written `%09`"),
        ("postgres://h/acme?password=p#canary", "`#` is written `%23`"),
    ] {
        let said = told(address, &[]).expect_err(address);
        assert!(said.ends_with(hint), "{address}: {said}");
        assert!(!said.contains("canary"), "{said}");
    }
}

#[test]
fn what_is_wrong_in_an_address_is_said_without_its_values() {
    for (address, sentence) in [
        (
            "postgres://h/acme?password=abc&canary",
            "in a user name, a password or a value, `&` is written `%26`",
        ),
        ("postgres://h/acme?passwort=canary", "there is no parameter `passwort`; leave it out"),
        ("postgres://h/acme?a%20canary", "one of its parameters does not exist; leave it out"),
        (
            "postgres://clerk:canary/acme",
            "a port is a number from 1 to 65535; escape a `:` in a password as `%3A`",
        ),
        ("postgres://::1/acme", "an IPv6 address stands in brackets, as in `[::1]`"),
        ("postgres://[::1/acme", "an IPv6 address stands in brackets, as in `[::1]`"),
        ("postgres://a,b,c/acme?port=1,2", "give one port, or one for each host"),
        (
            "postgres://h/acme?sslmode=canary",
            "sslmode is disable, allow, prefer, require, verify-ca or verify-full",
        ),
        (
            "postgres://h/acme?sslmode=require&sslrootcert=system",
            "sslrootcert=system needs sslmode=verify-full: anybody can have a certificate of theirs",
        ),
        ("postgres://h/acme?sslcert=c.crt", "sslcert needs the key to the certificate; name it with sslkey"),
        ("postgres://h/acme?sslkey=c.key", "sslkey needs the certificate of the key; name it with sslcert"),
        (
            "postgres://h/acme?channel_binding=require",
            "channel_binding is not supported with this value; leave it out",
        ),
        (
            "postgres://h/acme?ssl_min_protocol_version=TLSv1.3",
            "ssl_min_protocol_version is not supported with this value; leave it out",
        ),
        (
            "postgres://h/acme?require_auth=canary",
            "require_auth is not supported with this value; leave it out",
        ),
        (
            "postgres://h/acme?client_encoding=canary",
            "client_encoding is not supported with this value; leave it out",
        ),
        ("postgres://h/acme?keepalives=canary", "keepalives is a number"),
        ("postgres://h/acme?connect_timeout=canary", "connect_timeout is a number of seconds"),
        (
            "postgres://h/acme?target_session_attrs=standby",
            "target_session_attrs is any, read-write or primary; with one host also prefer-standby",
        ),
        (
            "postgres://a,b/acme?target_session_attrs=prefer-standby",
            "target_session_attrs is any, read-write or primary; with one host also prefer-standby",
        ),
        ("postgres://h/acme?hostaddr=canary", "hostaddr is an IP address, as in `192.0.2.7`"),
        ("postgres://a,b/acme?hostaddr=192.0.2.7", "give one hostaddr for each host"),
        ("postgres://h/acme?service=nowhere", "there is no service `nowhere`; look into ~/.pg_service.conf"),
    ] {
        let said = told(address, &[]).expect_err(address);
        assert_eq!(said, format!("the address of the database cannot be used: {sentence}"), "{address}");
    }
}

#[test]
fn a_service_file_completes_the_address_and_goes_before_the_environment() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("services");
    fs::write(
        &file,
        "# ours\n[other]\nhost=elsewhere\n\n[acme]\nhost=db.example\nport = 6000\nuser=clerk\n[last]\n",
    )
    .expect("a file");
    let file = file.to_str().expect("a name");
    let variables = [("PGSERVICEFILE", file), ("PGHOST", "not.this"), ("PGDATABASE", "acme")];
    let expected = Ok("clerk -@db.example:6000 acme Prefer".to_owned());
    assert_eq!(told("postgres://?service=acme", &variables), expected);
    let by_variable = [&variables[..], &[("PGSERVICE", "acme")]].concat();
    assert_eq!(told("postgres://", &by_variable), expected);
    let own = told("postgres://zoe@h/x?service=acme", &variables);
    assert_eq!(own, Ok("zoe -@h:6000 x Prefer".to_owned()), "what the address says goes before the file");

    fs::write(file, "[acme]\nhots=db.example\n").expect("a file");
    let said = told("postgres://?service=acme", &variables).expect_err("a wrong name");
    assert!(said.ends_with("there is no parameter `hots`; leave it out"), "{said}");
    fs::write(file, "[acme]\n\nhost\n").expect("a file");
    let said = told("postgres://?service=acme", &variables).expect_err("a wrong line");
    assert!(said.ends_with("services is no NAME=VALUE") && said.contains("line 3 of"), "{said}");
}

#[test]
fn a_password_comes_from_the_first_line_of_the_password_file_that_fits() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join(".pgpass");
    let lines = "# ours\ndb.example:5432:acme:zoe:hers\n\
                 db.example:*:ac\\:me:clerk:with\\\\a:colon\n\
                 ::1:5432:acme:clerk:wrong\n\\:\\:1:5432:acme:clerk:six\nlocalhost:5432:acme:me:by socket\n*:*:last:*:any";
    fs::write(&file, lines).expect("a file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("ours");
    let home = [("HOME", folder.path().to_str().expect("a name"))];
    for (address, expected) in [
        ("postgres://zoe@db.example/acme", "zoe hers@db.example:5432 acme Prefer"),
        ("postgres://clerk@db.example:6000/ac:me", "clerk with\\a:colon@db.example:6000 ac:me Prefer"),
        ("postgres://clerk@[::1]/acme", "clerk six@::1:5432 acme Prefer"),
        ("postgres:///acme", "me by socket@/tmp:5432 acme Prefer"),
        ("postgres://db.example,b.example/last", "me any@db.example:5432 any@b.example:5432 last Prefer"),
        ("postgres://zoe:typed@db.example/acme", "zoe typed@db.example:5432 acme Prefer"),
        ("postgres://nobody@db.example/acme", "nobody -@db.example:5432 acme Prefer"),
        (
            "postgres://zoe@db.example/acme?hostaddr=192.0.2.7",
            "zoe hers@db.example=192.0.2.7:5432 acme Prefer",
        ),
    ] {
        assert_eq!(told(address, &home), Ok(expected.to_owned()), "{address}");
    }
    let named = [("PGPASSFILE", file.to_str().expect("a name"))];
    let by_name = told("postgres://zoe@db.example/acme", &named);
    assert_eq!(by_name, Ok("zoe hers@db.example:5432 acme Prefer".to_owned()));

    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("ours");
    let others_can_read = told("postgres://zoe@db.example/acme", &home);
    assert_eq!(others_can_read, Ok("zoe -@db.example:5432 acme Prefer".to_owned()));
}

#[test]
fn whether_what_is_sent_stays_on_this_machine_is_told_by_the_network_address() {
    let surroundings = Surroundings { variable: &|_| None, account: "me".to_owned(), has_socket: &|_| false };
    for (address, is_local) in [
        ("postgres://localhost/a", true),
        ("postgres://127.0.0.1/a", true),
        ("postgres:///a?host=/run/pg", true),
        ("postgres://db.example/a?hostaddr=127.0.0.1", true),
        ("postgres://localhost/a?hostaddr=192.0.2.7", false),
        ("postgres:///a?host=/run/pg&hostaddr=192.0.2.7", false),
        ("postgres://db.example/a", false),
    ] {
        let read = Address::read(address, &surroundings).expect(address);
        assert_eq!(read.hosts[0].is_local(), is_local, "{address}");
    }
}

#[test]
fn a_location_names_everything_but_the_password() {
    let surroundings = Surroundings { variable: &|_| None, account: "me".to_owned(), has_socket: &|_| false };
    for (address, location) in [
        ("postgres://clerk:canary@[::1]:6000,b/acme", "postgres://clerk@[::1]:6000,b:5432/acme"),
        ("postgres:///acme?host=/run/pg", "postgres://me@/acme on /run/pg"),
    ] {
        let address = Address::read(address, &surroundings).expect(address);
        assert_eq!(address.location(), location);
        assert!(!format!("{address:?}").contains("canary"));
    }
}
