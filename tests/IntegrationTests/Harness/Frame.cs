using System.Text;
using System.Text.Json;

namespace Im.IntegrationTests.Harness;

/// <summary>A frame that the server sent: taken apart, and byte for byte.</summary>
public sealed record Frame(JsonElement Json, byte[] Raw)
{
    public string Type => Json.GetProperty("type").GetString()!;

    public string Text(string field) => Json.GetProperty(field).GetString()!;

    public long Number(string field) => Json.GetProperty(field).GetInt64();

    public bool Has(string field) => Json.TryGetProperty(field, out _);

    public override string ToString() => Encoding.UTF8.GetString(Raw);

    /// <summary>Fails unless this is the refusal of a frame with this code, of this type.</summary>
    public Frame IsRefusal(int code, string? of)
    {
        Assert.Equal(("error", code, of), (Type, (int)Number("code"), Has("of") ? Text("of") : null));
        Assert.NotEmpty(Text("error"));
        return this;
    }
}
