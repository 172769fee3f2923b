//! What is asked: paths and bodies of the calls, by the vendor's interface description.

use serde_json::{Value, json};

use super::account::Account;

/// Most product codes in one call.
pub const CODES: usize = 20;

/// Haier itself as the supplier.
const SUPPLIER: &str = "1001";

/// One call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask<'a> {
    /// Products and whether they may be ordered; at most [`CODES`] of them. Without codes: all that may.
    Products(Option<&'a [String]>),
    /// Prices of at most [`CODES`] products.
    Prices(&'a [String]),
    /// What warehouses can deliver of one product to one county.
    Stock {
        /// The product.
        product_code: &'a str,
        /// Six digits, GB/T 2260.
        county_code: &'a str,
    },
    /// The distributor's balance.
    Balance,
    /// Where an order is.
    Logistics {
        /// The order.
        order_code: &'a str,
        /// One delivery of it.
        delivery_record_code: Option<&'a str>,
        /// The member who ordered.
        member_id: Option<i64>,
    },
}

impl Ask<'_> {
    /// The path below the host.
    pub fn path(&self) -> &'static str {
        match self {
            Self::Products(_) => {
                "/yilihuo/jsh-service-goods-mall-search/api/product-info/procurable-products-out/check-procurable-products"
            }
            Self::Prices(_) => {
                "/yilihuo/jsh-service-goods-price/api/goods-price/price-daily-sales/price-query/pt-out-list-price"
            }
            Self::Stock { .. } => {
                "/yilihuo/jsh-service-stock-mall/api/page/stock/get-available-stock-open"
            }
            Self::Balance => {
                "/yilihuo/jsh-service-finance-mall/api/page/account/account-balance-manager/get-payer-account-balance-by-customer-code"
            }
            Self::Logistics { .. } => {
                "/yilihuo/ylh-cloud-service-stock/api/page/stock/logistics/sass/get-thirdparty-logistics-info-by-order-code-auth"
            }
        }
    }

    /// The body. The same password goes by three names.
    pub fn body(&self, account: &Account) -> Value {
        let mut body = match self {
            Self::Products(codes) => json!({
                "customerCode": account.customer,
                "sendToCode": account.send_to,
                "productCodes": codes,
                "supplierCode": SUPPLIER,
                "searchType": "PTJSH",
                "passWord": account.password,
            }),
            Self::Prices(codes) => json!({
                "customerCode": account.customer,
                "sendToCode": account.send_to,
                "productCodes": codes,
                "priceType": "PT",
                "passWord": account.password,
            }),
            Self::Stock {
                product_code,
                county_code,
            } => json!({
                "salesCode": account.customer,
                "senderCode": account.send_to,
                "productCode": product_code,
                "countyCode": county_code,
                "source": "JSH-B",
                "sellerPassword": account.seller_password,
            }),
            Self::Balance => json!({
                "customerCode": account.customer,
                "customerPassword": account.customer_password,
            }),
            Self::Logistics {
                order_code,
                delivery_record_code,
                member_id,
            } => json!({
                "orderCode": order_code,
                "deliveryRecordCode": delivery_record_code,
                "memberId": member_id,
                "sellerCode": account.customer,
                "sellerPassword": account.seller_password,
            }),
        };
        // What is not said is left out, never sent as null.
        if let Value::Object(fields) = &mut body {
            fields.retain(|_, value| !value.is_null());
        }
        body
    }
}

/// The body of a login: JSON, not a form.
pub fn login(account: &Account) -> Value {
    json!({
        "client_id": account.client_id,
        "client_secret": account.client_secret,
        "grant_type": "client_credentials",
    })
}
