using System.Text.Json.Serialization;
using Im.WebApi.Wire;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Im.WebApi.Description;

/// <summary>The OpenAPI document of the REST calls, and in Development a page to browse it.</summary>
internal static class OpenApi
{
    private const string Bearer = "bearer";
    private const string TokenHeader = "token";

    internal static void AddDescription(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = WireJson.Default.Options.PropertyNamingPolicy;
            json.SerializerOptions.DefaultIgnoreCondition = WireJson.Default.Options.DefaultIgnoreCondition;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, WireJson.Default);
        });
        services.AddOpenApi("v1", options => options.AddDocumentTransformer(DescribeAsync).AddOperationTransformer(DescribeAsync).AddSchemaTransformer(DescribeAsync));
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
            Description = "One-to-one instant messaging: two users exchange a key here, then talk over the websocket `/im/ws`. "
                + "Every refusal is `{code, message, error, errors?}` with the HTTP status that its code starts with.",
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" },
            [TokenHeader] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "token" },
        };
        return Task.CompletedTask;
    }

    private static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<BodyShape>().LastOrDefault() is { } body)
        {
            var content = new OpenApiMediaType { Schema = await context.GetOrCreateSchemaAsync(body.Type, cancellationToken: cancellationToken) };
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Description = "At most 16 KiB; unknown fields are ignored.",
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = content,
                    ["application/x-www-form-urlencoded"] = content,
                    ["multipart/form-data"] = content,
                },
            };
        }

        if (metadata.OfType<IAuthorizeData>().Any())
        {
            operation.Security =
            [
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] },
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(TokenHeader, context.Document)] = [] },
            ];
        }
    }

    // Nothing is ever written as null: what may be null is absent then.
    private static Task DescribeAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var (name, property) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
        {
            if (property is OpenApiSchema { Type: { } type } own && type.HasFlag(JsonSchemaType.Null))
            {
                own.Type = type & ~JsonSchemaType.Null;
                schema.Required?.Remove(name);
            }
        }

        return Task.CompletedTask;
    }
}
