namespace Im.Application.Accounts;

/// <summary>Settings of the local accounts; section <c>Accounts</c>.</summary>
public sealed class AccountOptions
{
    /// <summary>Path of the SQLite file. Null: <c>im/accounts.db</c> in the user's local application data with the embedded store, and no local accounts with an external one.</summary>
    public string? Database { get; set; }

    /// <summary>False: nobody can register; who has an account can still log in.</summary>
    public bool OpenRegistration { get; set; } = true;
}
