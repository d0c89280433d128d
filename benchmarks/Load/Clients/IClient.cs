namespace Im.Load.Clients;

/// <summary>One side of a pair, in whatever language its system speaks.</summary>
internal interface IClient
{
    /// <summary>Connected, and caught up where the protocol has a word for it.</summary>
    bool IsReady { get; }

    /// <summary>All that the protocol promises for what was sent has come: receipts, acknowledgements.</summary>
    bool IsSettled { get; }

    /// <summary>Begins to connect, or to connect again.</summary>
    void Open();

    /// <summary>Drops the connection without a word, as a client that is gone.</summary>
    void Drop();

    /// <summary>Writes one message, not sent yet.</summary>
    /// <param name="stamp">When it was due.</param>
    void Write(long stamp);

    /// <summary>Sends what was written.</summary>
    void Send();
}
