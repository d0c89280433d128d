namespace Im.WebApi.Messaging;

/// <summary>What a client's frame asks for.</summary>
internal enum FrameType
{
    Msg,
    Ack,
    Signal,
    Auth,
}

/// <summary>A client's frame, read; which fields are there depends on its type.</summary>
internal readonly record struct ClientFrame
{
    public required FrameType Type { get; init; }

    /// <summary>Where <c>data</c> stands in the frame, between its quotes: it is passed on byte for byte.</summary>
    public Range Data { get; init; }

    public long? Id { get; init; }

    public long? ToUserId { get; init; }

    public long? FromUserId { get; init; }

    public string? Session { get; init; }

    public long Seq { get; init; }

    public string? Token { get; init; }

    /// <summary>Prints no field: token and session are among them.</summary>
    public override string ToString() => $"ClientFrame {Type}";
}

/// <summary>Why a frame was refused.</summary>
/// <param name="Number">The wire's code.</param>
/// <param name="Sentence">One sentence for the client.</param>
/// <param name="Of">The frame's type, where it could be read and is known.</param>
/// <param name="Id">The frame's id, where it could be read.</param>
internal readonly record struct FrameFault(int Number, string Sentence, string? Of = null, long? Id = null);
