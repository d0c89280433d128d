using System.Globalization;
using Im.Domain;
using Microsoft.OpenApi;

namespace Im.WebApi.Description;

/// <summary>What stands in addresses: read as text, so that every faulty one is reported, and described as what it must be.</summary>
internal static class Parameters
{
    /// <summary>1 to 2048 bytes in unpadded base64url.</summary>
    internal const string PublicKeyPattern = "^[A-Za-z0-9_-]{2,2731}$";

    internal const string SessionPattern = "^[0-9a-f]{32}$";

    /// <summary>The same example everywhere: users 9 and 10, as in the protocol.</summary>
    internal const string Session = "5f0c9a7e2b1d4c6f8a3e0b9d7c5a1e42";

    /// <summary>Those of the protocol; what a team's own routes call otherwise stays as it is.</summary>
    internal static void Describe(OpenApiParameter parameter)
    {
        switch (parameter.Name)
        {
            case "to_user_id":
                parameter.Description = "The other user.";
                parameter.Schema = Integer(1);
                parameter.Example = 10;
                break;
            case "session":
                parameter.Description = "The session that is meant; the present one, whichever it is, if absent.";
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = SessionPattern };
                parameter.Example = Session;
                break;
            case "seen":
                parameter.Description = "The highest `seq` that the client has in that session; it counts as acknowledged.";
                parameter.Schema = Integer(0);
                parameter.Example = 17;
                break;
        }
    }

    private static OpenApiSchema Integer(int minimum) => new()
    {
        Type = JsonSchemaType.Integer,
        Format = "int64",
        Minimum = minimum.ToString(CultureInfo.InvariantCulture),
        Maximum = UserId.MaxValue.ToString(CultureInfo.InvariantCulture),
    };
}
