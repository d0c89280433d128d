using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace Im.WebApi.Wire;

/// <summary>Reads a REST call's body, JSON or form, into its fields.</summary>
internal static class BodyReader
{
    /// <summary>Bytes of a body; a larger one is refused with too_large, whether it says its length or not.</summary>
    internal const int MaxBytes = 16 * 1024;

    // A field given twice would be read one way here and another way by whatever stands before this node.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>The fields, or why the body cannot be read. No body at all has no fields.</summary>
    internal static async Task<(Fields Fields, WireRefusal? Refusal)> ReadFieldsAsync(this HttpRequest request, CancellationToken cancellationToken)
    {
        var (body, refusal) = await ReadAllAsync(request, cancellationToken);
        if (refusal is not null || body.IsEmpty)
        {
            return (Fields.None, refusal);
        }

        if (request.Headers.ContentEncoding.Count > 0 || !MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !IsUtf8(type))
        {
            return (Fields.None, WireRefusals.UnsupportedMediaType);
        }

        var values = type switch
        {
            _ when type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) => ReadJson(body),
            _ when type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) => FormReader.ReadUrlEncoded(body.Span),
            _ when type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) => await FormReader.ReadMultipartAsync(body, type, cancellationToken),
            _ => (WireRefusals.UnsupportedMediaType, null),
        };
        return values.Fields is null ? (Fields.None, values.Refusal) : (new Fields(values.Fields), null);
    }

    private static bool IsUtf8(MediaTypeHeaderValue type) =>
        !type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    private static async Task<(ReadOnlyMemory<byte> Body, WireRefusal? Refusal)> ReadAllAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBytes)
        {
            return (default, WireRefusals.TooLarge);
        }

        // One byte more than allowed tells a body that is too long from one that just fits.
        var buffer = new byte[(int)(request.ContentLength ?? MaxBytes) + 1];
        try
        {
            var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            return length > MaxBytes ? (default, WireRefusals.TooLarge) : (buffer.AsMemory(0, length), null);
        }
        catch (BadHttpRequestException fault)
        {
            return (default, fault.StatusCode == StatusCodes.Status413PayloadTooLarge ? WireRefusals.TooLarge : WireRefusals.MalformedBody);
        }
    }

    private static (WireRefusal Refusal, Dictionary<string, Field>? Fields) ReadJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            return document.RootElement.ValueKind is not JsonValueKind.Object
                ? (WireRefusals.MalformedBody, null)
                : (default, document.RootElement.EnumerateObject().ToDictionary(property => property.Name, property => FieldOf(property.Value)));
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no text, in bytes that are not UTF-8 or by half of a surrogate pair.
            return (WireRefusals.MalformedBody, null);
        }
    }

    private static Field FieldOf(JsonElement value) =>
        new(value.ValueKind, value.ValueKind is JsonValueKind.String ? value.GetString()! : value.GetRawText());
}
