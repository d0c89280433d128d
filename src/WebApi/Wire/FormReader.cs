using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Im.WebApi.Wire;

/// <summary>Reads the two spellings of a form. As strict as JSON is: one value per field, in valid UTF-8.</summary>
internal static class FormReader
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    internal static (WireRefusal Refusal, Dictionary<string, Field>? Fields) ReadUrlEncoded(ReadOnlySpan<byte> body)
    {
        var fields = new Dictionary<string, Field>();
        try
        {
            foreach (var part in body.Split((byte)'&'))
            {
                var pair = body[part];
                if (pair.IsEmpty)
                {
                    continue;
                }

                var equals = pair.IndexOf((byte)'=');
                var name = Decode(equals < 0 ? pair : pair[..equals]);
                if (!fields.TryAdd(name, new Field(JsonValueKind.Undefined, equals < 0 ? "" : Decode(pair[(equals + 1)..]))))
                {
                    return (WireRefusals.MalformedBody, null);
                }
            }
        }
        catch (DecoderFallbackException)
        {
            return (WireRefusals.MalformedBody, null);
        }

        return (default, fields);
    }

    internal static async Task<(WireRefusal Refusal, Dictionary<string, Field>? Fields)> ReadMultipartAsync(
        ReadOnlyMemory<byte> body, MediaTypeHeaderValue type, CancellationToken cancellationToken)
    {
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > 70)
        {
            return (WireRefusals.MalformedBody, null);
        }

        var fields = new Dictionary<string, Field>();
        try
        {
            using var stream = new MemoryStream(body.ToArray(), writable: false);
            var reader = new MultipartReader(boundary, stream);
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                // A file is no field that any call knows.
                if (section.AsFormDataSection() is { } field && !fields.TryAdd(field.Name, await ReadAsync(section.Body, cancellationToken)))
                {
                    return (WireRefusals.MalformedBody, null);
                }
            }
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or DecoderFallbackException)
        {
            return (WireRefusals.MalformedBody, null);
        }

        return (default, fields);
    }

    private static async Task<Field> ReadAsync(Stream section, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await section.CopyToAsync(bytes, cancellationToken);
        return new Field(JsonValueKind.Undefined, Strict.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }

    private static string Decode(ReadOnlySpan<byte> encoded) =>
        Strict.GetString(WebUtility.UrlDecodeToBytes(encoded.ToArray(), 0, encoded.Length)!);
}
