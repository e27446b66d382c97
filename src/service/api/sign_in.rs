//! Requests that need no session, and those about the session: unlock, change password, sign out.

use std::future::ready;

use super::question::questions;
use super::session::{GateAnswer, ServiceSession};
use crate::service::auth::{Secret, SignInOutcome};
use crate::service::back_office::SignedIn;
use crate::service::back_office::requests::AccountForm;
use crate::service::client_center::ClientCenter;

questions! {
    /// A question that needs no session, or is about the session itself.
    SignInRequest -> SignInReply, asked of (session: &ServiceSession);

    /// Whether an operator with a password exists; without one the first administrator is to be created.
    read OperatorsExist {} -> bool = |_it| session.operators_exist();

    /// The Client Centers that are active.
    read ClientCenters {} -> Vec<ClientCenter> = |_it| session.client_centers();

    /// Creates the first administrator, who is then signed in.
    save CreateFirstOperator {
        /// The name to sign in with.
        login: String,
        /// The name shown.
        name: String,
        /// The password.
        password: Secret,
    } -> SignedIn = |it| session.create_first_operator(&it.login, &it.name, &it.password);

    /// Signs in to the back office.
    write SignIn {
        /// The name to sign in with.
        login: String,
        /// The password, or a one-time code.
        password: Secret,
    } -> SignInOutcome<SignedIn> = |it| session.sign_in(&it.login, &it.password);

    /// Signs in to a Client Center.
    write EnterClientCenter {
        /// The Client Center.
        center: ClientCenter,
        /// The name to sign in with.
        login: String,
        /// The password, or a one-time code.
        password: Secret,
    } -> SignInOutcome<GateAnswer> = |it| session.enter(&it.center, &it.login, &it.password);

    /// Asks for an account. The answer is the same whether or not the e-mail has one.
    save CreateAccount {
        /// What the applicant filled in.
        form: AccountForm,
    } -> () = |it| session.create_account(&it.form);

    /// Chooses a password with a one-time code.
    save ChoosePassword {
        /// The name to sign in with.
        login: String,
        /// The code.
        code: Secret,
        /// The new password.
        new: Secret,
    } -> () = |it| session.choose_password(&it.login, &it.code, &it.new);

    /// Changes the own password; every other session of the login ends.
    save ChangePassword {
        /// The current password.
        current: Secret,
        /// The new password.
        new: Secret,
    } -> () = |it| session.change_password(&it.current, &it.new);

    /// Renews the session of the operator by the password, after the console was locked.
    write Unlock {
        /// The password.
        password: Secret,
    } -> () = |it| session.unlock(&it.password);

    /// Ends the session.
    write SignOut {} -> () = |_it| ready(session.sign_out());
}
