using System.Buffers.Text;

namespace Im.Load.Clients;

/// <summary>Finds fields in a server's JSON without parsing it: no payload of the load has a quote in it, so a name is found once.</summary>
internal static class Field
{
    /// <summary>The number behind <c>"name":</c>.</summary>
    internal static long Number(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name) =>
        json.IndexOf(name) is var at and >= 0 && Utf8Parser.TryParse(json[(at + name.Length)..], out long value, out _) ? value : throw Missing(json, name);

    /// <summary>The text behind <c>"name":"</c>, up to the next quote.</summary>
    internal static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        var at = json.IndexOf(name);
        if (at < 0)
        {
            throw Missing(json, name);
        }

        var value = json[(at + name.Length)..];
        return value[..value.IndexOf((byte)'"')];
    }

    private static LoadException Missing(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name) =>
        new($"No {System.Text.Encoding.UTF8.GetString(name)} in {System.Text.Encoding.UTF8.GetString(json)}.");
}
