import AndonCore

/// The login page as HTML.
struct LoginPage: Sendable {
  enum Failure: Sendable, Hashable {
    case wrong
    case tooSoon(seconds: Int64)
  }

  var language: PageLanguage
  var problem: Failure?
  /// Who is logged in already.
  var user: String?

  private struct Words {
    var title, name, password, go, wrong, loggedIn, figures, out: String
    var tooSoon: @Sendable (Int64) -> String
  }

  private static func words(_ language: PageLanguage) -> Words {
    switch language {
    case .english:
      Words(
        title: "Log in", name: "Name", password: "Password", go: "Log in",
        wrong: "The name or the password is wrong.", loggedIn: "You are logged in as",
        figures: "To the figures",
        out: "Log out", tooSoon: { "Too many attempts. Try again in \($0) s." })
    case .german:
      Words(
        title: "Anmelden", name: "Name", password: "Passwort", go: "Anmelden",
        wrong: "Der Name oder das Passwort ist falsch.", loggedIn: "Sie sind angemeldet als",
        figures: "Zu den Kennzahlen", out: "Abmelden",
        tooSoon: { "Zu viele Versuche. In \($0) s wieder möglich." })
    }
  }

  var html: [UInt8] {
    let words = Self.words(language)
    return Array(
      """
      <!doctype html>
      <html lang="\(language.rawValue)">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(words.title) · Andon</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/style.css">
      </head>
      <body class="login">
        <main id="main" class="dialog">
          <h1>Andon</h1>
      \(content(words))
        </main>
      </body>
      </html>

      """.utf8)
  }

  private func content(_ words: Words) -> String {
    if let user {
      // A user's name has no character that HTML would read.
      return """
            <p>\(words.loggedIn) <strong>\(user)</strong>. <a href="/">\(words.figures)</a></p>
            <form method="post" action="/logout"><button type="submit" class="button">\(words.out)</button></form>
        """
    }
    let complaint: String? =
      switch problem {
      case .wrong: words.wrong
      case .tooSoon(let seconds): words.tooSoon(seconds)
      case nil: nil
      }
    return """
          <form method="post" action="/login">
            <h2>\(words.title)</h2>
            \(complaint.map { "<p class=\"problem\" role=\"alert\">\($0)</p>" } ?? "")
            <label class="field"><span>\(words.name)</span>
              <input type="text" name="user" autocomplete="username" autocapitalize="none" spellcheck="false" \
      maxlength="64" required autofocus></label>
            <label class="field"><span>\(words.password)</span>
              <input type="password" name="password" autocomplete="current-password" maxlength="256" required></label>
            <div class="dialog-tools"><button type="submit" class="button primary">\(words.go)</button></div>
          </form>
      """
  }
}
