using System.Security.Cryptography;
using System.Text;

namespace Im.Infrastructure.Redis;

/// <summary>One atomic operation of the store: an embedded <c>.lua</c> file, with what several scripts share in front.</summary>
internal sealed class RedisScript
{
    private RedisScript(string name, string text)
    {
        Name = name;
        SpanName = $"store {name}";
        Text = text;

        // The command that names a script by its digest asks for this one; it protects nothing.
#pragma warning disable CA5350
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
    }

    public static RedisScript Exchange { get; } = Load("handshake", "exchange");

    public static RedisScript Peek { get; } = Load("handshake", "peek");

    public static RedisScript End { get; } = Load("end");

    public static RedisScript Find { get; } = Load("find");

    public static RedisScript Attach { get; } = Load("connection", "clock", "removal", "progress", "attach");

    public static RedisScript Touch { get; } = Load("connection", "clock", "progress", "touch");

    public static RedisScript Detach { get; } = Load("connection", "detach");

    public static RedisScript Enqueue { get; } = Load("connection", "enqueue");

    public static RedisScript Acknowledge { get; } = Load("connection", "removal", "acknowledge");

    public static RedisScript Read { get; } = Load("connection", "read");

    public static RedisScript Signal { get; } = Load("connection", "clock", "signal");

    public static RedisScript Revoke { get; } = Load("clock", "revoke");

    public static RedisScript Revoked { get; } = Load("revoked");

    public static RedisScript LastRevocation { get; } = Load("last_revocation");

    public static RedisScript Rate { get; } = Load("clock", "rate");

    /// <summary>The operation, as its file is called.</summary>
    public string Name { get; }

    /// <summary>What its span in a trace is called.</summary>
    public string SpanName { get; }

    /// <summary>The script's source.</summary>
    public string Text { get; }

    /// <summary>What the store calls the script once it knows it: SHA-1 of the source.</summary>
    public byte[] Hash { get; }

    private static RedisScript Load(params string[] names) => new(names[^1], string.Join('\n', names.Select(Source)));

    private static string Source(string name)
    {
        using var stream = typeof(RedisScript).Assembly.GetManifestResourceStream($"{name}.lua")
            ?? throw new InvalidOperationException($"The script {name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
