using System.Text.Json.Serialization;
using Im.WebApi.Wire;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Im.WebApi.Description;

/// <summary>The OpenAPI document of the REST calls, and in Development a page to browse it.</summary>
internal static class OpenApi
{
    /// <summary>The scheme in which the token stands in the header <c>Authorization</c>.</summary>
    internal const string Bearer = "bearer";

    /// <summary>The scheme in which the token stands in the header <c>token</c>.</summary>
    internal const string TokenHeader = "token";

    /// <summary>The scheme in which the token stands in the query, at the websocket alone.</summary>
    internal const string TokenQuery = "token_query";

    internal static void AddDescription(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = WireJson.Default.Options.PropertyNamingPolicy;
            json.SerializerOptions.DefaultIgnoreCondition = WireJson.Default.Options.DefaultIgnoreCondition;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, WireJson.Default);
        });
        services.AddOpenApi("v1", options => options
            .AddDocumentTransformer(DescribeAsync)
            .AddDocumentTransformer(OtherRoutes.DescribeAsync)
            .AddOperationTransformer(Operations.DescribeAsync)
            .AddSchemaTransformer(DescribeAsync));
    }

    internal static void MapDescription(this WebApplication app)
    {
        app.MapOpenApi();
        if (app.Environment.IsDevelopment())
        {
            // Its script comes with the package, and it fetches nothing from elsewhere.
            app.MapScalarApiReference("/docs", scalar => scalar.DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp());
        }
    }

    private static Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Im",
            Version = "v1",
            Description = "One-to-one instant messaging: two users exchange a key here, then talk over the websocket `/im/ws`, "
                + "whose frames the AsyncAPI document describes. Every refusal is `{code, message, error, errors?}` with the HTTP "
                + "status that its code starts with; its examples are by code. Ignore fields that you do not know.",
        };
        document.Servers = [new OpenApiServer { Url = "/", Description = "The node that serves this document." }];
        document.Tags = new HashSet<OpenApiTag>
        {
            new() { Name = "Key exchange", Description = "How two users get one key and one session." },
            new() { Name = "Messaging", Description = "The websocket, up to its upgrade." },
            new() { Name = "Accounts", Description = "Local accounts; they are there unless an authority issues the tokens." },
            new() { Name = "Health", Description = "What load balancers and monitoring read." },
        };

        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" },
            [TokenHeader] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "token" },
            [TokenQuery] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Query, Name = "token" },
        };
        return Task.CompletedTask;
    }

    // Nothing is ever written as null: what may be null is absent then.
    private static Task DescribeAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var (name, property) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
        {
            if (property is OpenApiSchema { Type: { } kind } own && kind.HasFlag(JsonSchemaType.Null))
            {
                own.Type = kind & ~JsonSchemaType.Null;
                schema.Required?.Remove(name);
            }
        }

        // The two fields of every envelope, which are never absent.
        if (context.JsonTypeInfo.Type is var type && (type == typeof(Failure) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Success<>))))
        {
            schema.Required ??= new HashSet<string>();
            schema.Required.Add("code");
            schema.Required.Add("message");
            ((OpenApiSchema)schema.Properties!["message"]).Const = type == typeof(Failure) ? "failed" : "success";
            if (type != typeof(Failure))
            {
                (((OpenApiSchema)schema.Properties["code"]).Minimum, ((OpenApiSchema)schema.Properties["code"]).Maximum) = ("0", "0");
            }
        }

        return Task.CompletedTask;
    }
}
